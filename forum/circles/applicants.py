"""People who ask to join by a group link: asking, confirming an address, a moderator's answer.

Until a moderator says yes there is no account and no membership. A yes turns the row into an
invitation by the moderator who said it, with the same secret; a no, and a lapse, delete it.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Date, bindparam, delete, func, select

from forum.accounts.queries import folded
from forum.accounts.services import checked_address, checked_name
from forum.circles import group_links, invitations, queries
from forum.circles.admission import ApplicantEvent, ApplicantState, LinkState, after, begins
from forum.circles.locks import lock_circle
from forum.circles.models import Applicant, Circle, GroupLink
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput, NotFound
from forum.core.keys import key_ring
from forum.core.tokens import digest, new_token
from forum.mail import outbox as mail
from forum.mail.layout import set_out
from forum.mail.queries import is_on
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.urls import full_url

LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Request:
    """Request to join, as typed."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    rules: UUID | None = None  # id of the ground rules shown
    proved: bool = False  # the address is that of the account which asks

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Value of the column Invitation.asked; None for an invitation of another kind."""
        if not text:
            return None
        known = json.loads(text)
        rules = UUID(known["rules"]) if known["rules"] else None
        return cls(known["name"], known["address"], rules, known["proved"])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a moderator."""

    id: UUID
    name: str = field(repr=False)
    address: str = field(repr=False)
    days_left: int  # 0 on the last day


def ask(
    link_secret: str, request: Request, applicant_id: UUID, *, is_sent: bool = True
) -> str | None:
    """Ask to join; returns the secret of the page to wait on, or None if it went out by email.

    applicant_id: from the form; a form sent again asks once. is_sent: False for an answer without
    a request and an email. A secret that went out by email is
    never given here: confirmed since, it would let whoever typed the address in.
    Raises NotFound if the link is over, and InvalidInput (name, email, link).
    """
    request = _checked(request)
    lock_circle(group_links.find(link_secret).circle_id)
    link = group_links.find(link_secret)  # others may have ended it before this one had the lock
    there = db.session.get(Applicant, (link.circle_id, applicant_id))
    there = there or _asked_before(link, request)
    if there is None:
        if group_links.state(link) is not LinkState.OPEN:
            raise InvalidInput(link=_full())
        if not is_sent:
            return None
        there = _new(link.circle_id, request, applicant_id)
    return there.secret if _is_askers(there, request) else None


def _is_askers(applicant: Applicant, request: Request) -> bool:
    """Whether the page of this request is that of whoever asks now: of the account with its
    address, or, where email is off, of the browser with its form."""
    if applicant.proved:
        return request.proved and folded(applicant.address) == folded(request.address)
    return applicant.shown


def confirm(secret: str) -> None:
    """Confirm an address, by the link that was sent there; pressed again, nothing changes.

    Raises NotFound if the request lapsed, or a moderator has answered it.
    """
    lock_circle(_found(secret).circle_id)
    applicant = _found(secret)  # others may have answered it before this one had the lock
    if _state(applicant) is ApplicantState.WAITING:
        return
    after(_state(applicant), ApplicantEvent.CONFIRM)
    applicant.proved = applicant.shown = True


def state(secret: str) -> ApplicantState:
    """State of whoever has this secret; OVER for an invented one."""
    try:
        return _state(_found(secret))
    except NotFound:
        pass
    try:
        let_in = invitations.find(secret)
    except NotFound:
        return ApplicantState.OVER
    return ApplicantState.LET_IN if let_in.asked else ApplicantState.OVER


def request_of(secret: str) -> tuple[Request, int]:
    """Request and the days until it lapses, by the secret of its page. Raises NotFound."""
    found = _found(secret)
    return Request(found.name, found.address), (found.lapses_on - now().date()).days


def waiting(standing: Standing) -> list[Waiting]:
    """People who wait for this circle's moderators, who lapses first coming first."""
    require(may.admit_groups(standing))
    rows = select(Applicant).where(Applicant.circle_id == standing.circle_id, *_seen())
    found = db.session.scalars(rows.order_by(Applicant.lapses_on, Applicant.id))
    return [
        Waiting(each.id, each.name, each.address, (each.lapses_on - now().date()).days)
        for each in found
    ]


def number_waiting() -> ColumnElement[int]:
    """Number of people who wait for a circle's moderators, as a column beside Circle.id."""
    here = select(func.count()).select_from(Applicant)
    return (
        here.where(Applicant.circle_id == Circle.id, *_seen()).correlate(Circle).scalar_subquery()
    )


def let_in(standing: Standing, applicant_id: UUID) -> bool:
    """Say yes: the moderator vouches for them as by an invitation, which the request becomes.

    Somebody who belongs to the circle already gets none. Returns False if another moderator was
    first, or the request lapsed. Raises InvalidInput (applicant) if the circle is full.
    """
    applicant = _answered(standing, applicant_id, ApplicantEvent.YES)
    if applicant is None:
        return False
    require(standing.writable)
    if not invitations.is_inside(standing, applicant.address):
        if queries.room(standing.circle_id) < 1:
            raise InvalidInput(applicant=_("This circle is full."))
        asked = {
            "name": applicant.name,
            "address": applicant.address,
            "rules": applicant.rules,
            "proved": applicant.proved,
        }
        known = applicant.address if applicant.proved else ""
        invitations.for_applicant(standing, applicant.digest, known, json.dumps(asked))
        group_links.give_place(standing.circle_id)
        _send_yes(applicant)
    db.session.delete(applicant)
    return True


def refuse(standing: Standing, applicant_id: UUID) -> bool:
    """Say no: all that they typed is deleted. Returns False as `let_in`."""
    applicant = _answered(standing, applicant_id, ApplicantEvent.NO)
    if applicant is None:
        return False
    db.session.delete(applicant)
    return True


def opens(link_digest: bytes) -> bool:
    """True for the digest of the secret of somebody who has not lapsed."""
    found = select(Applicant.id).where(Applicant.digest == link_digest, *_living())
    return db.session.scalar(found) is not None


def end_others(circle_id: UUID, address: str) -> None:
    """Delete the requests of an address whose holder has just joined the circle."""
    for each in db.session.scalars(select(Applicant).filter_by(circle_id=circle_id)):
        if folded(each.address) == folded(address):
            db.session.delete(each)


def purge() -> None:
    """Delete lapsed requests with every typed word."""
    db.session.execute(delete(Applicant).where(Applicant.lapses_on < now().date()))


def _checked(request: Request) -> Request:
    wrong: dict[str, str] = {}
    name = address = ""
    try:
        name = checked_name(request.name)
    except InvalidInput as error:
        wrong |= error.fields
    try:
        address = checked_address(request.address)
    except InvalidInput as error:
        wrong["email"] = error.fields["address"]
    if wrong:
        raise InvalidInput(**wrong)
    return Request(name, address, request.rules, request.proved)


def _asked_before(link: GroupLink, request: Request) -> Applicant | None:
    """Earlier request of the same account; nobody else learns that an address asked before."""
    here = select(Applicant).where(Applicant.circle_id == link.circle_id, *_living())
    if request.proved:
        for each in db.session.scalars(here.where(Applicant.proved.is_(True))):
            if folded(each.address) == folded(request.address):
                return each
    return None


def _new(circle_id: UUID, request: Request, applicant_id: UUID) -> Applicant:
    secret, kept = new_token()
    shown = begins(proved=request.proved or not is_on()) is ApplicantState.WAITING
    made = Applicant(
        id=applicant_id,
        circle_id=circle_id,
        digest=kept,
        proved=request.proved,
        shown=shown,
        lapses_on=(now() + LIFE).date(),
    )
    made.secret, made.name, made.address = secret, request.name, request.address
    made.rules = str(request.rules or "")
    db.session.add(made)
    if not shown:
        _send_confirmation(made)
    return made


def _answered(standing: Standing, applicant_id: UUID, event: ApplicantEvent) -> Applicant | None:
    """Applicant whom this answer reaches; None if they are gone."""
    require(may.admit_groups(standing))
    lock_circle(standing.circle_id)
    here = select(Applicant).filter_by(id=applicant_id, circle_id=standing.circle_id)
    found = db.session.scalar(here.where(*_seen()))
    if found:
        after(_state(found), event)
    return found


def _found(secret: str) -> Applicant:
    found = db.session.scalar(
        select(Applicant).where(Applicant.digest == digest(secret), *_living())
    )
    if found is None or not key_ring().keeps(found.circle_id):
        raise NotFound
    return found


def _state(applicant: Applicant) -> ApplicantState:
    return ApplicantState.WAITING if applicant.shown else ApplicantState.UNCONFIRMED


def _living() -> tuple[ColumnElement[bool], ...]:
    today = bindparam(None, callable_=lambda: now().date(), type_=Date())  # for kept statements
    return (Applicant.lapses_on >= today,)


def _seen() -> tuple[ColumnElement[bool], ...]:
    """Conditions: living, and shown to moderators."""
    return (*_living(), Applicant.shown.is_(True))


def _full() -> str:
    return str(
        _(
            "The circle can take nobody new at the moment. Try again tomorrow, or ask the "
            "colleague who sent you the link."
        )
    )


def _page(applicant: Applicant) -> str:
    return full_url(url_for("circles.waiting", secret=applicant.secret))


def _send_confirmation(applicant: Applicant) -> None:
    site = current_app.config["SITE_NAME"]
    words = set_out(
        _(
            "Someone, we hope you, asked with this email address to join a private circle of GPs "
            "on %(site)s.",
            site=site,
        ),
        _("To go on, open this link within %(days)s days:", days=LIFE.days),
        _page(applicant),
        _("If this was not you, ignore this email."),
    )
    subject = _("Your request at %(site)s", site=site)
    mail.queue(applicant.address, subject, words, link=applicant.secret)


def _send_yes(applicant: Applicant) -> None:
    site = current_app.config["SITE_NAME"]
    words = set_out(
        _(
            "You asked to join a private circle of GPs on %(site)s. A moderator said yes.",
            site=site,
        ),
        _(
            "To join, open this link within %(days)s days and choose a password:",
            days=invitations.LIFE.days,
        ),
        _page(applicant),
        _("If this was not you, ignore this email."),
    )
    subject = _("You can join at %(site)s", site=site)
    mail.queue(applicant.address, subject, words, link=applicant.secret)
