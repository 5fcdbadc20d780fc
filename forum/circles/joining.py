"""Joining: from an invitation link to an account and a membership.

Two kinds of link exist: a circle's invitation, and the programme lead's invitation to open a
circle. Both stay valid until used, however often they are viewed.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select

from forum.accounts import links
from forum.accounts import queries as accounts
from forum.accounts import services as account_services
from forum.accounts.models import Member, OneTimeLink, Purpose
from forum.accounts.services import checked_address, checked_name, register
from forum.circles import applicants, invitations, queries, services
from forum.circles.applicants import Request
from forum.circles.locks import lock_circle
from forum.circles.models import Circle, Invitation, Membership
from forum.core.clock import now
from forum.core.db import db, one_at_a_time
from forum.core.errors import InvalidInput, NotFound
from forum.core.tokens import digest
from forum.mail import outbox as mail
from forum.mail.layout import set_out
from forum.mail.queries import is_on
from forum.web.urls import full_url

CONFIRM_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class WayIn:
    """Valid link, with the details that joining pages show."""

    id: UUID
    digest: bytes = field(repr=False)  # of its secret, which ends when the link is made anew
    address: str = field(repr=False)  # recipient; "" for a copied link
    circle: Circle | None = None  # None: the holder opens a circle
    inviter: str = field(repr=False, default="")
    words: str = field(repr=False, default="")
    asked: Request | None = field(repr=False, default=None)  # of somebody who was let in

    @classmethod
    def by(cls, invitation: Invitation) -> Self:
        """Details of a circle's invitation."""
        circle = db.session.get_one(Circle, invitation.circle_id)
        return cls(
            invitation.id,
            invitation.digest,
            invitation.address,
            circle,
            invitation.inviter,
            invitation.words,
            Request.from_json(invitation.asked),
        )


def way_in(secret: str) -> WayIn:
    """Details of a link, unchanged by reading. Raises NotFound."""
    return _way_of(digest(secret))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Request for an account, as typed, with the hash of its password."""

    address: str = field(repr=False)
    name: str = field(repr=False)
    password_hash: str = field(repr=False)
    rules: UUID | None = None  # id of the ground rules shown


def must_confirm(way: WayIn, address: str) -> bool:
    """True if the address needs confirming: mail is on, and the link went elsewhere."""
    return is_on() and accounts.folded(address) != accounts.folded(way.address)


def sign_up(way: WayIn, newcomer: Newcomer) -> Member:
    """Create an account and, through a circle's invitation, a membership; the link ends.

    Raises NotFound if the link was used meanwhile, and InvalidInput.
    """
    _spend(way)
    account_services.lock_address(newcomer.address)
    if accounts.member_by_address(newcomer.address):
        raise InvalidInput(
            email=_(
                "We could not create an account with these details. If you already have one, "
                "sign in instead."
            )
        )
    zone = {"timezone": way.circle.timezone} if way.circle else {}
    try:
        member = register(newcomer.address, newcomer.name, newcomer.password_hash, **zone)
    except InvalidInput as error:
        raise _as_typed(error) from error
    if way.circle:
        services.join(way.circle, member.id, member.name, rules=newcomer.rules)
        _end_others(way.circle, member.address)
    return member


def opens(link_digest: bytes) -> bool:
    """True for the digest of a link of any kind that still opens something."""
    rooms = (links, invitations, applicants)
    return any(each.opens(link_digest) for each in rooms)


def ask_to_confirm(way: WayIn, newcomer: Newcomer, link_id: UUID) -> None:
    """Mail a confirmation link for the account; to a known address, mail a note instead.

    Either way one email leaves, and only its reader learns which. link_id: from the form; a form
    sent again sends no second link. Raises InvalidInput.
    """
    one_at_a_time("account", link_id)  # of two at once, both answer alike, whatever the address
    check(way, newcomer.address, newcomer.name)
    if accounts.member_by_address(newcomer.address):
        what_now = _("You already have an account. Sign in, then open your invitation again:")
        _send(newcomer.address, what_now, full_url(url_for("accounts.sign_in")))
        return
    payload = {
        "link": way.digest.hex(),  # so that a link that was sent again is over for this too
        "address": newcomer.address,
        "name": newcomer.name,
        "password_hash": newcomer.password_hash,
        "rules": newcomer.rules and str(newcomer.rules),
    }
    if links.is_waiting(link_id):
        return
    secret = links.issue(Purpose.SIGN_UP, CONFIRM_WITHIN, payload=payload, link_id=link_id)
    what_now = _(
        "To finish, open this link within %(days)s days and enter the password you chose:",
        days=CONFIRM_WITHIN.days,
    )
    url = full_url(url_for("circles.confirmation", secret=secret))
    _send(newcomer.address, what_now, url, secret)


def asked_with(secret: str) -> Newcomer:
    """Request for an account, by its confirmation link. Raises NotFound."""
    return _newcomer(links.find(secret, Purpose.SIGN_UP).payload)


def confirm(secret: str) -> tuple[Member, WayIn]:
    """Create the requested account, now that the address is proved.

    Raises NotFound if this link or the invitation is no longer valid.
    """
    payload = links.use(secret, Purpose.SIGN_UP).payload
    way = _way_of(bytes.fromhex(payload.get("link", "")))
    return sign_up(way, _newcomer(payload)), way


def join(way: WayIn, member_id: UUID, name: str, rules: UUID | None) -> None:
    """Join with an existing account; the link ends, and a scheduled deletion is cancelled. Raises
    as sign_up.
    """
    address = accounts.account(member_id).address
    if way.asked and accounts.folded(address) != accounts.folded(way.asked.address):
        raise InvalidInput(
            invitation=_(
                "You asked to join with another email address. Sign out, then open this page again."
            )
        )
    _spend(way)
    if way.circle:
        services.join(way.circle, member_id, name, rules=rules)
        _end_others(way.circle, address)
    account_services.cancel_deletion(member_id)  # last: the circle's lock comes first


def _end_others(circle: Circle, address: str) -> None:
    """End what else was sent to somebody who has just joined, and what else they asked for."""
    invitations.end_others(circle.id, address)
    applicants.end_others(circle.id, address)


def belongs(way: WayIn, member_id: UUID) -> bool:
    """True if the member is in the link's circle already."""
    if way.circle is None:
        return False
    return bool(queries.members(way.circle.id, Membership.member_id == member_id))


def as_asked(way: WayIn, address: str, name: str) -> tuple[str, str]:
    """Address and name for the account: of somebody let in, those that a moderator said yes to.

    Only a name that somebody in the circle has already is replaced by the typed one.
    """
    if way.asked is None or way.circle is None:
        return address, name
    is_free = queries.name_is_free(way.circle.id, way.asked.name)
    return way.asked.address, way.asked.name if is_free else name


def check(way: WayIn, address: str, name: str) -> None:
    """Raise InvalidInput (email, name) for an unusable address or display name."""
    wrong: dict[str, str] = {}
    try:
        checked_address(address)
    except InvalidInput as error:
        wrong |= _as_typed(error).fields
    try:
        name = checked_name(name)
        if way.circle and not queries.name_is_free(way.circle.id, name):
            raise services.name_taken()
    except InvalidInput as error:
        wrong |= error.fields
    if wrong:
        raise InvalidInput(**wrong)


def _as_typed(error: InvalidInput) -> InvalidInput:
    """An error with its fields renamed to those of the joining forms."""
    ours = {"address": "email"}
    return InvalidInput(**{ours.get(name, name): text for name, text in error.fields.items()})


def _newcomer(payload: dict[str, str]) -> Newcomer:
    rules = UUID(payload["rules"]) if payload["rules"] else None
    return Newcomer(payload["address"], payload["name"], payload["password_hash"], rules)


def _way_of(link_digest: bytes) -> WayIn:
    service = _service_link(OneTimeLink.digest == link_digest)
    return service or WayIn.by(invitations.of_digest(link_digest))


def _service_link(which: ColumnElement[bool]) -> WayIn | None:
    living = (OneTimeLink.purpose == Purpose.OPEN_CIRCLE, OneTimeLink.expires_at > now())
    found = db.session.scalar(select(OneTimeLink).where(which, *living))
    if found is None:
        return None
    return WayIn(found.id, found.digest, json.loads(found.payload).get("address", ""))


def _spend(way: WayIn) -> None:
    """Lock the link's circle and delete the link: of simultaneous requests, one succeeds. Raises
    NotFound for the rest, also where the link was renewed meanwhile.
    """
    if way.circle:
        lock_circle(way.circle.id)
    this = (
        delete(Invitation).filter_by(circle_id=way.circle.id, id=way.id)
        if way.circle
        else delete(OneTimeLink).filter_by(id=way.id)
    )
    gone = db.session.execute(this.filter_by(digest=way.digest))
    if gone.rowcount != 1:  # type: ignore[attr-defined]  # as in accounts.links
        raise NotFound


def _send(address: str, what_now: str, link: str, secret: str = "") -> None:
    site = current_app.config["SITE_NAME"]
    words = set_out(
        _("Someone, we hope you, asked for a %(site)s account with this email address.", site=site),
        what_now,
        link,
        _("If this was not you, ignore this email."),
    )
    mail.queue(address, _("Your account at %(site)s", site=site), words, link=secret)
