"""Actions of the programme lead."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from socket import EAI_AGAIN, gaierror
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _

from forum.accounts import emails, links, sessions
from forum.accounts import services as accounts
from forum.accounts.models import Member, Purpose
from forum.accounts.owner_keys import lock
from forum.accounts.queries import account, folded, member_by_address
from forum.audit.actions import Actor, Deed
from forum.audit.models import SERVICE
from forum.audit.services import note_service
from forum.core.db import db, one_at_a_time, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.mail import outbox as mail
from forum.mail.layout import set_out
from forum.programme import queries
from forum.programme.queries import LEAD
from forum.web.urls import full_url

INVITATION_LIFE = timedelta(days=14)
LEAD_LINK_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Account to create: address and name as typed, and the hash of its password."""

    address: str = field(repr=False)
    name: str = field(repr=False)
    password_hash: str = field(repr=False)


def set_up(secret: str, leading: NewAccount, own: NewAccount | None = None) -> Member:
    """Create the programme lead's account; the first use of a set-up link ends all of them.

    own: an account of the same person to take part with, since a programme lead joins no circle.
    Raises NotFound for an invalid link, and once any account exists; InvalidInput (address,
    second_address) for unusable addresses.
    """
    queries.check_set_up(secret)
    if not links.end_all(Purpose.SET_UP):
        raise NotFound
    lead = _registered(leading)
    lead.is_programme_lead = True
    if own:
        if folded(own.address) == folded(leading.address):
            raise InvalidInput(
                second_address=_("Use another email: the one above joins no circle.")
            )
        try:
            _registered(own)
        except InvalidInput as error:
            raise InvalidInput(second_address=error.fields["address"]) from error
    note_service(Deed.SET_UP, Actor.PROGRAMME_LEAD)
    return lead


def lead_link(hands_over: str = "") -> str:
    """URL for a further programme lead; only the newest works.

    hands_over: address of a lead whose role ends at the same moment. Raises InvalidInput.
    """
    links.end_all(Purpose.SET_UP)
    payload = {LEAD: str(_lead(hands_over).id) if hands_over else ""}
    note_service(Deed.LEAD_LINK_MADE, Actor.OPERATOR)
    secret = links.issue(Purpose.SET_UP, LEAD_LINK_LIFE, payload=payload)
    return full_url(f"/lead/{secret}")


def become_lead(secret: str, new: NewAccount) -> Member:
    """Create the account of a further programme lead, who may take over from another.

    Raises NotFound for an invalid link, also if the lead has lost the role; InvalidInput
    (address) for an unusable address.
    """
    hands_over = queries.check_lead_link(secret)
    links.use(secret, Purpose.SET_UP)
    note_service(Deed.LEAD_HANDED_OVER if hands_over else Deed.LEAD_ADDED, Actor.PROGRAMME_LEAD)
    accounts.lock_address(address := accounts.checked_address(new.address))
    if member_by_address(address):
        raise InvalidInput(address=_("This address cannot be used. Try another one."))
    for address in queries.lead_addresses():
        emails.lead_changed(address)
    if hands_over:
        _stop(account(hands_over))
    lead = _registered(new)
    lead.is_programme_lead = True
    db.session.flush()
    return lead


def end_lead(address: str) -> None:
    """End an account's role as programme lead; the account stays, without a circle.

    Raises InvalidInput (address) for any other account, and for the only lead.
    """
    note_service(Deed.LEAD_ENDED, Actor.OPERATOR)  # takes the log's lock, and so one at a time
    lead = _lead(address)
    told = queries.lead_addresses()
    if len(told) == 1:
        raise InvalidInput(address="That is the only programme lead: hand over, or add another.")
    _stop(lead)
    for each in told:
        emails.lead_changed(each)


def _lead(address: str) -> Member:
    lead = member_by_address(address)
    if lead is None:
        raise InvalidInput(address="No account uses that address. Check the spelling.")
    if not lead.is_programme_lead:
        raise InvalidInput(address="That account is not a programme lead's.")
    return lead


def _stop(lead: Member) -> None:
    """Take the role from an account, and end the sessions, which hold the role."""
    lock(lead)
    lead.is_programme_lead = False
    db.session.flush()
    sessions.end_all(lead.id)


def _registered(new: NewAccount) -> Member:
    return accounts.register(new.address, new.name, new.password_hash)


class SentBy(Enum):
    """Process that sends a test email."""

    PAGE = auto()
    WORKER = auto()


def test_mail(address: str) -> SentBy | str:
    """Send a test email at once, or by the worker where pages may reach this machine alone;
    returns who sent it, or the reason why it could not be sent.

    Raises InvalidInput (test_address). The reason names an error class and reply code, no content.
    """
    try:
        address = accounts.checked_address(address)
    except InvalidInput as error:
        raise InvalidInput(test_address=error.fields["address"]) from error
    site = current_app.config["SITE_NAME"]
    words = set_out(_("If you can read this, %(site)s can send email.", site=site), full_url("/"))
    subject = _("A test email from %(site)s", site=site)
    try:
        mail.send_now(address, subject, words)
    except mail.FAILURES as error:
        if _is_fenced(error):
            with unit_of_work():
                mail.queue(address, subject, words)
            return SentBy.WORKER
        code = mail.reply_code(error)
        return f"{type(error).__name__}, {code}" if code else type(error).__name__
    return SentBy.PAGE


def _is_fenced(error: Exception) -> bool:
    """Whether the system keeps this process from other machines, as systemd's IPAddressDeny does:
    connections are refused by the kernel, or no name is resolved for now.
    """
    asks_in_vain = isinstance(error, gaierror) and error.errno == EAI_AGAIN
    return asks_in_vain or isinstance(error, PermissionError)


def invitation(link_id: UUID) -> str:
    """URL of a service invitation, to be shown now and never again.

    link_id: from the form; a form sent again gives its link a new secret.
    """
    return _issue({}, link_id)


def invite(address: str) -> bool:
    """Mail a service invitation; returns False if one is pending for this address.

    Raises InvalidInput for an invalid address, and for a programme lead's own.
    """
    address = accounts.checked_address(address)
    one_at_a_time("log", SERVICE)  # of two at once, the second finds the first
    known = member_by_address(address)
    if known and known.is_programme_lead:
        raise InvalidInput(
            address=_("This account joins no circle. Use another email address for yourself.")
        )
    if any(folded(address) == folded(each.address) for each in queries.pending()):
        return False
    link = _issue({"address": address})
    site = current_app.config["SITE_NAME"]
    words = set_out(
        _("You are invited to %(site)s, where GPs write to each other in private.", site=site),
        _("Open this link to find out more. Opening it does not sign you up:"),
        link,
        _(
            "The link is for you only. It works once and lasts %(days)s days.",
            days=INVITATION_LIFE.days,
        ),
        _("If you were not expecting this, ignore this email."),
    )
    mail.queue(address, _("An invitation to %(site)s", site=site), words, link=link)
    return True


def suspend(lead_id: UUID, address: str) -> None:
    """Suspend an account and end its sessions, if one has this address; the response does not
    reveal which.

    Raises InvalidInput for the programme lead's own.
    """
    lead = db.session.get_one(Member, lead_id)
    if folded(address) == folded(lead.address):
        raise InvalidInput(address=_("That is your own account, so it cannot be suspended here."))
    note_service(Deed.ACCOUNT_SUSPENDED, Actor.PROGRAMME_LEAD)  # the log's lock comes first
    accounts.suspend(address)


def restore(address: str) -> None:
    """End a suspension, if an account has this address."""
    note_service(Deed.ACCOUNT_RESTORED, Actor.PROGRAMME_LEAD)  # the log's lock comes first
    accounts.restore(address)


def cancel_invitation(link_id: UUID) -> None:
    """Cancel a service invitation, if still unused."""
    if links.cancel(link_id, Purpose.OPEN_CIRCLE):
        note_service(Deed.SERVICE_INVITATION_TAKEN_BACK, Actor.PROGRAMME_LEAD)


def _issue(payload: dict[str, str], link_id: UUID | None = None) -> str:
    if link_id is None or not links.is_waiting(link_id):
        note_service(Deed.SERVICE_INVITED, Actor.PROGRAMME_LEAD)
    secret = links.issue(Purpose.OPEN_CIRCLE, INVITATION_LIFE, payload=payload, link_id=link_id)
    return full_url(url_for("circles.welcome", secret=secret))
