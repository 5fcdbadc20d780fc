"""Group links: one link for a whole group, by which people ask to join, for seven days at most."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.admission import LinkEvent, LinkState, link_after
from forum.circles.locks import lock_circle
from forum.circles.models import Applicant, GroupLink
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput, NotFound
from forum.core.keys import key_ring
from forum.core.tokens import digest, new_token
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.number_words import spelt
from forum.web.urls import full_url

LIFE = timedelta(days=7)
WAITING_MAX = 20  # people who wait for an answer of a moderator
UNCONFIRMED_MAX = 100  # requests whose address nobody has confirmed; they take no place


@dataclass(frozen=True, slots=True)
class Shown:
    """A living group link, as moderators see it."""

    url: str = field(repr=False)
    text: str = field(repr=False)  # to put into a personal message, with the link
    places: int  # people who can still be let in by it
    ends_on: date
    state: LinkState


def make(standing: Standing, places: int) -> None:
    """Make the circle's group link, for so many people; a living one stays as it is.

    Raises InvalidInput (places).
    """
    lock_circle(standing.circle_id)
    require(may.admit_groups(standing) and standing.writable)
    if _living(standing.circle_id):  # pressed twice, or made by another moderator
        return
    room = queries.room(standing.circle_id)
    if not 1 <= places <= room:
        raise InvalidInput(places=wrong_number(room))
    link_after(LinkState.OVER, LinkEvent.MAKE)
    _delete(standing.circle_id)  # one whose days are over
    secret, kept = new_token()
    made = GroupLink(
        circle_id=standing.circle_id, digest=kept, places=places, expires_on=(now() + LIFE).date()
    )
    made.secret = secret
    db.session.add(made)
    audit.note(standing.circle_id, Deed.GROUP_LINK_MADE, Actor.MODERATOR)


def end(standing: Standing) -> bool:
    """End the circle's group link; returns False if there is none.

    Those who wait still wait; requests whose address nobody confirmed are forgotten.
    """
    lock_circle(standing.circle_id)
    require(may.admit_groups(standing))
    link = _living(standing.circle_id)
    if link is None:
        return False
    link_after(state(link), LinkEvent.END)
    db.session.delete(link)
    unconfirmed = Applicant.circle_id == standing.circle_id, Applicant.shown.is_(False)
    db.session.execute(delete(Applicant).where(*unconfirmed))
    audit.note(standing.circle_id, Deed.GROUP_LINK_ENDED, Actor.MODERATOR)
    return True


def wrong_number(room: int) -> str:
    """Sentence beside a number of places that is none, or too many."""
    if not room:
        return str(_("This circle is full."))
    return str(_("Type a number from one to %(room)s.", room=spelt(room)))


def shown(standing: Standing) -> Shown | None:
    """The circle's living group link, for moderators; None if absent."""
    require(may.admit_groups(standing))
    link = _living(standing.circle_id)
    if link is None:
        return None
    url = full_url(url_for("circles.group_link", secret=link.secret))
    text = _(
        "Would you join a small private circle of GPs? With this link you say who you are. A "
        "moderator of the circle says yes when they know you. It lasts %(days)s days at most:",
        days=LIFE.days,
    )
    return Shown(url, f"{text}\n\n{url}", link.places, link.expires_on, state(link))


def find(secret: str) -> GroupLink:
    """Group link of a secret, open or full. Raises NotFound, for a closing circle too."""
    found = db.session.scalar(select(GroupLink).filter_by(digest=digest(secret)))
    if found is None or not key_ring().keeps(found.circle_id) or _is_over(found):
        raise NotFound
    if not queries.is_writable(found.circle_id):
        raise NotFound
    return found


def state(link: GroupLink | None) -> LinkState:
    """State of a group link."""
    if link is None or _is_over(link):
        return LinkState.OVER
    is_open = (
        queries.is_writable(link.circle_id)
        and queries.room(link.circle_id) > 0
        and _number(link.circle_id, Applicant.shown.is_(True)) < WAITING_MAX
        and _number(link.circle_id, Applicant.shown.is_(False)) < UNCONFIRMED_MAX
    )
    return LinkState.OPEN if is_open else LinkState.FULL


def give_place(circle_id: UUID) -> None:
    """Count somebody who was let in; the link is over once its places are used up."""
    link = _living(circle_id)
    if link is None:  # ended while they waited
        return
    link.places -= 1
    if link.places <= 0:
        link_after(state(link), LinkEvent.USE_UP)
        db.session.delete(link)


def purge() -> None:
    """Delete group links whose days are over."""
    db.session.execute(delete(GroupLink).where(GroupLink.expires_on < now().date()))


def _living(circle_id: UUID) -> GroupLink | None:
    link = db.session.scalar(select(GroupLink).filter_by(circle_id=circle_id))
    return None if link is None or _is_over(link) else link


def _is_over(link: GroupLink) -> bool:
    return link.expires_on < now().date()


def _number(circle_id: UUID, state: ColumnElement[bool]) -> int:
    """Number of requests in a state that have not lapsed."""
    here = Applicant.circle_id == circle_id, Applicant.lapses_on >= now().date(), state
    return db.session.scalar(select(func.count()).select_from(Applicant).where(*here)) or 0


def _delete(circle_id: UUID) -> None:
    db.session.execute(delete(GroupLink).filter_by(circle_id=circle_id))
