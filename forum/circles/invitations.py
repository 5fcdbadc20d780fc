"""Invitations to a circle, one person each: issuing, listing, renewing, cancelling.

The link's secret admits its holder. Only a digest is stored, so no link can be shown twice; and no
row records afterwards who used an invitation.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, delete, false, select

from forum.accounts.queries import folded, member_by_address
from forum.accounts.services import checked_address
from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.address_lists import parsed
from forum.circles.locks import lock_circle
from forum.circles.models import FOR_WHOM_MAX, WORDS_MAX, Invitation, Membership
from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.core.tokens import digest, keyed_id, new_token
from forum.mail import outbox as mail
from forum.mail import queries as mail_queries
from forum.mail.layout import set_out
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.number_words import spelt
from forum.web.urls import full_url

LIFE = timedelta(days=14)
INVITATIONS_PER_REQUEST = 19  # a whole circle without the inviter
MOST_TO_KNOW = 14  # people; beyond, the inviting page says why fewer are better


@dataclass(frozen=True, slots=True)
class Pending:
    """Unused invitation."""

    id: UUID
    address: str = field(repr=False)  # mail address; "" for a copied link
    for_whom: str = field(repr=False)  # note on a copied link, or ""
    days_left: int  # 0 on the last day
    version: str = field(repr=False)  # see Invitation.version
    is_undelivered: bool = False  # the mail server refused its email for good
    was_let_in: bool = False  # asked to join, and is named no more since a moderator said yes


def pending(standing: Standing) -> list[Pending]:
    """Valid invitations of a circle, earliest expiry first."""
    require(may.see_invitations(standing))
    here = Invitation.circle_id == standing.circle_id, *_living()
    found = db.session.scalars(
        select(Invitation).where(*here).order_by(Invitation.expires_on, Invitation.id)
    )
    lost = mail_queries.undelivered()
    return [
        Pending(
            each.id,
            "" if each.asked else each.address,
            each.for_whom,
            (each.expires_on - now().date()).days,
            each.version,
            is_undelivered=each.digest in lost,
            was_let_in=bool(each.asked),
        )
        for each in found
    ]


def addresses(text: str) -> list[str]:
    """Mail addresses in a text, without duplicates, in order. Raises InvalidInput (addresses)."""
    typed, wrong = parsed(text)
    kept: dict[str, str] = {}
    for each in typed:
        try:
            kept.setdefault(folded(each), checked_address(each))
        except InvalidInput:
            wrong.append(each)
    if wrong:
        raise InvalidInput(addresses=_not_addresses(wrong))
    if not kept or len(kept) > INVITATIONS_PER_REQUEST:
        raise InvalidInput(
            addresses=_(
                "Enter between one and %(most)s email addresses.",
                most=spelt(INVITATIONS_PER_REQUEST),
            )
        )
    return list(kept.values())


def _not_addresses(wrong: Sequence[str]) -> str:
    """Error text that quotes every part in which no address was found."""
    quoted = ", ".join(f"“{each[:60]}”" for each in dict.fromkeys(wrong))
    said = ngettext(
        "%(typed)s is not an email address. Correct or delete it, and send again.",
        "These are not email addresses: %(typed)s. Correct or delete them, and send again.",
        len(wrong),
        typed=quoted,
    )
    return str(said)


def names(text: str) -> list[str]:
    """Whom a typed list names, without duplicates, in order: one to a line, or as addresses.

    Raises InvalidInput (for_whom).
    """
    typed: list[str] = []
    for line in re.split(r"[\r\n;]+", text):
        if line.count("@") > 1:  # copied from an email program
            found, wrong = parsed(line)
            if wrong:
                raise InvalidInput(for_whom=_not_addresses(wrong))
            typed += found
        else:
            typed.append(" ".join(line.split()))
    kept = list(dict.fromkeys(filter(None, typed)))
    if len(kept) > INVITATIONS_PER_REQUEST:
        raise InvalidInput(
            for_whom=_("Enter at most %(most)s names.", most=spelt(INVITATIONS_PER_REQUEST))
        )
    if any(len(each) > FOR_WHOM_MAX for each in kept):
        raise InvalidInput(for_whom=_("At most %(most)s characters, please.", most=FOR_WHOM_MAX))
    return kept


def create_link(standing: Standing, words: str, for_whom: str = "") -> str:
    """Secret of a new invitation to hand over in person, shown once. Raises InvalidInput (words,
    for_whom).
    """
    [secret] = create_links(standing, words, [for_whom], new_id())
    return secret


def create_links(standing: Standing, words: str, whom: Sequence[str], form_id: UUID) -> list[str]:
    """Secrets of new invitations to hand over in person, one for each of `whom`, shown once.

    whom: notes for moderators, hidden from the invited people. form_id: from the form; a form sent
    again gives its invitations new secrets, and makes no others.
    Raises InvalidInput (words, for_whom).
    """
    require(may.see_invitations(standing))
    lock_circle(standing.circle_id)
    ids = [keyed_id("invitation", str(form_id), str(place)) for place in range(len(whom))]
    here = ((standing.circle_id, each) for each in ids)
    made = [found for each in here if (found := db.session.get(Invitation, each))]
    if made:
        return [_renew(each) for each in made]
    _check_room(standing, len(whom), words, field="for_whom")
    _note(standing, Deed.INVITED, len(whom))
    return [
        _new(standing, "", words, for_whom=name, invitation_id=each)
        for each, name in zip(ids, whom, strict=True)
    ]


def _renew(invitation: Invitation) -> str:
    secret, invitation.digest = new_token()
    return secret


def for_applicant(standing: Standing, link_digest: bytes, address: str, asked: str) -> None:
    """Make the invitation of somebody who asked to join, by the moderator who says yes.

    link_digest: of the secret that they have already. address: confirmed, or "". asked: see
    Invitation.asked.
    """
    _note(standing, Deed.INVITED, 1)
    made = Invitation(
        circle_id=standing.circle_id,
        digest=link_digest,
        expires_on=_last_day(),
        sent_at=this_hour(),
    )
    made.inviter, made.address, made.words = standing.own_name, address, ""
    made.for_whom, made.asked = "", asked
    db.session.add(made)


def invite_by_email(
    standing: Standing, to: Sequence[str], words: str, *, names_inviter: bool
) -> list[str]:
    """Mail an invitation to each address that has none and belongs to no member of the circle;
    returns these addresses.

    names_inviter: the email may name the inviter. Raises InvalidInput.
    """
    require(may.see_invitations(standing))
    lock_circle(standing.circle_id)
    waiting = {folded(each.address) for each in pending(standing)}
    fresh = [
        address
        for address in to
        if folded(address) not in waiting and not is_inside(standing, address)
    ]
    _check_room(standing, len(fresh), words)
    for address in fresh:
        _new(standing, address, words, names_inviter=names_inviter)
    if fresh:
        _note(standing, Deed.INVITED, len(fresh))
    return fresh


def send_again(standing: Standing, invitation_id: UUID, version: str = "") -> str | None:
    """Renew an invitation for LIFE from today; the old link ends.

    Mailed again if mailed before (returns None); otherwise returns the new secret, to be shown
    once. version: `Invitation.version` as the page showed it; an invitation mailed since is not
    mailed again.
    Raises NotFound if used, cancelled or expired.
    """
    require(may.see_invitations(standing) and standing.writable)
    lock_circle(standing.circle_id)
    found = db.session.scalar(
        select(Invitation).filter_by(id=invitation_id, circle_id=standing.circle_id)
    )
    if found is None or found.expires_on < now().date():  # expired: reserves no place any more
        raise NotFound
    if found.address and version not in ("", found.version):
        return None
    secret, found.digest = new_token()
    found.expires_on, found.sent_at = _last_day(), this_hour()
    _note(standing, Deed.INVITATION_RENEWED)
    if not found.address:
        return secret
    _send(found, secret)
    return None


def cancel(standing: Standing, invitation_id: UUID) -> None:
    """Delete an unused invitation."""
    require(may.see_invitations(standing))
    here = delete(Invitation).filter_by(id=invitation_id, circle_id=standing.circle_id)
    if db.session.execute(here).rowcount:  # type: ignore[attr-defined]  # as in accounts.links
        _note(standing, Deed.INVITATION_TAKEN_BACK)


def find(secret: str) -> Invitation:
    """Valid invitation of a secret, unchanged by reading. Raises NotFound."""
    return of_digest(digest(secret))


def of_digest(link_digest: bytes) -> Invitation:
    """Valid invitation by the digest of its secret. Raises NotFound."""
    return _found(Invitation.digest == link_digest)


def opens(link_digest: bytes) -> bool:
    """True for the digest of a valid invitation's secret."""
    try:
        return of_digest(link_digest) is not None
    except NotFound:
        return False


@dataclass(frozen=True, slots=True)
class ToCopy:
    """A link shown once, for a person who sends it on."""

    for_whom: str = field(repr=False)  # or ""
    url: str = field(repr=False)
    text: str = field(repr=False)  # to put into a personal message, with the link
    ends_on: date


def to_copy(secrets: Sequence[str]) -> list[ToCopy]:
    """Links of these secrets, in order, without any that was used or cancelled meanwhile."""
    found: list[ToCopy] = []
    for secret in secrets:
        with suppress(NotFound):
            each, url = find(secret), link(secret)
            found.append(ToCopy(each.for_whom, url, _text(each, url), each.expires_on))
    return found


def _text(invitation: Invitation, url: str) -> str:
    rest = _(
        "This is your invitation to a private circle of GPs. The link is for you only, works "
        "once and "
        "lasts %(days)s days:",
        days=LIFE.days,
    )
    return "\n\n".join(filter(None, (invitation.words, rest, url)))


def link(secret: str) -> str:
    """URL that the invited person opens."""
    return full_url(url_for("circles.invited", secret=secret))


def is_inside(standing: Standing, address: str) -> bool:
    """True for the address of a member of the circle."""
    member = member_by_address(address)
    here = Membership.member_id == member.id if member else false()
    return queries.members(standing.circle_id, here) > 0


def purge() -> None:
    """Delete expired invitations with their addresses and texts."""
    db.session.execute(delete(Invitation).where(Invitation.expires_on < now().date()))


def _found(which: ColumnElement[bool]) -> Invitation:
    found = db.session.scalar(select(Invitation).where(which, *_living()))
    if found is None or not key_ring().keeps(found.circle_id):
        raise NotFound
    if not (queries.is_writable(found.circle_id) and _is_vouched_for(found)):
        raise NotFound
    return found


def _is_vouched_for(invitation: Invitation) -> bool:
    """True while the inviter belongs to the circle and is not suspended."""
    return invitation.inviter in queries.open_names(invitation.circle_id)


def end_unvouched() -> int:
    """Delete invitations by suspended members; returns their number. Ending a suspension restores
    none.
    """
    ended = 0
    for circle_id in queries.with_suspended_members():
        with fence("invitations.ended"), unit_of_work():
            lock_circle(circle_id)  # an inviter who is renamed still vouches
            names = queries.open_names(circle_id)
            for each in db.session.scalars(select(Invitation).filter_by(circle_id=circle_id)):
                if each.inviter not in names:
                    db.session.delete(each)
                    ended += 1
    return ended


def end_others(circle_id: UUID, address: str) -> None:
    """Delete invitations of a circle to the address of someone who has just joined it."""
    for each in db.session.scalars(select(Invitation).filter_by(circle_id=circle_id)):
        if each.address and folded(each.address) == folded(address):
            db.session.delete(each)


def read_only() -> str:
    """Sentence where a circle closes, or is kept to be read."""
    return str(_("Nobody can join now: this circle can only be read."))


def _note(standing: Standing, deed: Deed, number: int = 0) -> None:
    audit.note(standing.circle_id, deed, Actor.MODERATOR, about=str(number or ""))


def _check_room(standing: Standing, count: int, words: str, *, field: str = "addresses") -> None:
    """Raise InvalidInput (words, or `field` if it names too many) before anything is written."""
    lock_circle(standing.circle_id)
    require(may.see_invitations(standing))
    if not standing.writable:
        raise InvalidInput(**{field: read_only()})
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    room = queries.room(standing.circle_id)
    if count > room == 0:
        raise InvalidInput(**{field: _("This circle is full.")})
    if count > room:
        problem = _(
            "There is room for only %(room)s more. Remove some from the list.", room=spelt(room)
        )
        raise InvalidInput(**{field: problem})
    require(may.invite(standing, queries.pending(standing.circle_id)))


def _new(
    standing: Standing,
    address: str,
    words: str,
    *,
    names_inviter: bool = False,
    for_whom: str = "",
    invitation_id: UUID | None = None,
) -> str:
    secret, kept = new_token()
    made = Invitation(
        id=invitation_id or new_id(),
        circle_id=standing.circle_id,
        digest=kept,
        expires_on=_last_day(),
        sent_at=this_hour(),
        names_inviter=names_inviter,
    )
    made.inviter, made.address, made.words = standing.own_name, address, words
    made.for_whom = for_whom
    db.session.add(made)
    if address:
        _send(made, secret)
    return secret


def _send(invitation: Invitation, secret: str) -> None:
    site = current_app.config["SITE_NAME"]
    who = invitation.inviter if invitation.names_inviter else _("A colleague")
    words = set_out(
        _("%(who)s invites you to a private circle of GPs.", who=who),
        _("Open this link to find out more. Opening it does not sign you up:"),
        link(secret),
        _("The link is for you only. It works once and lasts %(days)s days.", days=LIFE.days),
        _("If you were not expecting this, ignore this email."),
    )
    subject = _("An invitation to %(site)s", site=site)
    mail.queue(invitation.address, subject, words, link=secret)


def _living() -> tuple[ColumnElement[bool], ...]:
    return (Invitation.expires_on >= now().date(),)


def _last_day() -> date:
    return (now() + LIFE).date()
