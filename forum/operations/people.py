"""Accounts as an operator meets them: found by address, without a word of a circle."""

from dataclasses import dataclass, field
from datetime import date

from flask_babel import format_date
from sqlalchemy import exists, select

from forum.accounts import address_corrections, emails, links
from forum.accounts import services as accounts
from forum.accounts.models import Member, Purpose
from forum.accounts.owner_keys import lock
from forum.accounts.queries import member_by_address
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.circles.models import Membership
from forum.circles.queries import has_any_place
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.offboarding import services as offboarding
from forum.offboarding.queries import grace
from forum.safety import guardians
from forum.safety.models import Guardian


class NotDone(Exception):
    """Verb refused for an account. The message gives the reason, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Account without a circle. goes_on: UTC day of a scheduled deletion."""

    address: str = field(repr=False)
    goes_on: date | None


def found(address: str) -> Member:
    """Account of an address. Raises NotDone."""
    if member := member_by_address(address):
        return member
    raise NotDone("No account uses that address. Check the spelling.")


def unfinished() -> list[Unfinished]:
    """Accounts that never joined a circle, or have left every circle for good, by address.

    Guardians need no circle: whom the programme lead asked is left out, too. No day of signing in
    is kept, so unused accounts are not known.
    """
    joined = exists().where(Membership.member_id == Member.id)
    asked = exists().where(Guardian.member_id == Member.id)
    outside = select(Member).where(~joined, ~asked, ~Member.is_programme_lead)
    members = [Unfinished(each.address, each.goes_on) for each in db.session.scalars(outside)]
    return sorted(members, key=lambda each: each.address)


def waiting(purpose: Purpose) -> int:
    """Number of unused links of a purpose, counted up to 200."""
    return len(links.waiting(purpose))


def copy_link(address: str) -> str:
    """URL with which somebody who cannot sign in takes a copy, to be handed to them. Raises
    NotDone.
    """
    member = found(address)
    if member.is_programme_lead:
        raise NotDone("A programme lead writes in no circle, so there is nothing to copy.")
    if not has_any_place(member.id):
        raise NotDone("That account belongs to no circle, so there is nothing to copy.")
    return offboarding.copy_link(member.id)


def cancel_copy_link(address: str) -> None:
    """End a link to a copy. Raises NotDone if there is none."""
    note_service(Deed.COPY_LINK_CANCELLED, Actor.OPERATOR)  # the log's lock comes first
    if not offboarding.cancel_copy_link(found(address).id):
        raise NotDone("There is no link to a copy for that account.")


def correct_address(address: str, new: str) -> None:
    """Begin the correction of a lost mail address. Raises NotDone."""
    member = found(address)
    if member.is_suspended:
        raise NotDone("That account is suspended, so its owner could not stop this.")
    try:
        address_corrections.ask(member.id, new)
    except InvalidInput as error:
        raise NotDone(str(error)) from None


def cancel_correction(address: str) -> None:
    """Cancel the correction of a mail address. Raises NotDone if there is none."""
    if not address_corrections.cancel(found(address).id):
        raise NotDone("No change of that account's address is under way.")


def end_unfinished(address: str) -> date:
    """Schedule the deletion of an account outside all circles; returns the day.

    The owner gets an email, is signed out, and can cancel until then. Raises NotDone.
    """
    note_service(Deed.UNFINISHED_ENDED, Actor.OPERATOR)  # the log's lock comes first
    lock(member := found(address))  # whoever joins a circle meanwhile comes before, and stays
    if member.is_programme_lead:
        raise NotDone("That is a programme lead's account: see `scripts/forum lead`.")
    if has_any_place(member.id):
        raise NotDone("That account belongs to a circle, so its owner alone can delete it.")
    if guardians.row_of(member.id):
        raise NotDone(
            "That account is a guardian's, or was asked to be one. The programme lead ends that"
            " first, on the page of guardians."
        )
    if member.is_suspended:
        raise NotDone(
            "That account is suspended, so its owner could not keep it. Restore it first."
        )
    if member.goes_on:
        raise NotDone(f"That account goes on {member.goes_on:%d %B %Y} already.")
    day = (now() + grace()).date()
    accounts.schedule_deletion(member.id, day)
    emails.unfinished_goes(member.address, str(format_date(day, "EEEE d MMMM", rebase=False)))
    return day
