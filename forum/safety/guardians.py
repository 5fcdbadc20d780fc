"""Guardians: who is named, who accepted, and who can act today."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from forum.accounts import second_factors
from forum.accounts.models import Member
from forum.accounts.queries import folded, member_by_address
from forum.audit.actions import Actor, Deed
from forum.audit.models import SERVICE
from forum.audit.services import note_service
from forum.core.db import db, one_at_a_time
from forum.core.errors import InvalidInput, NotFound
from forum.safety import emails
from forum.safety.models import Guardian

FEWEST, MOST = 2, 5


def ask(lead_address: str, address: str) -> None:
    """Ask an account to be a guardian, if one has this address; the answer does not tell.

    Raises InvalidInput (address) for the lead's own, and where five accepted. Unaccepted rows are
    not counted: their number would tell which address has an account.
    """
    one_at_a_time("log", SERVICE)  # of two at once, both answer alike, whatever the address
    if folded(address) == folded(lead_address):
        raise InvalidInput(
            address=_("Guardians are other people than the programme lead. Choose someone else.")
        )
    if _are_enough():
        raise InvalidInput(
            address=_(
                "Five guardians have accepted already. Remove one of them first, by their address "
                "if they are not listed."
            )
        )
    member = member_by_address(address)
    is_new = member is not None and not row_of(member.id)
    if member and is_new and not (member.is_programme_lead or member.is_suspended):
        db.session.add(Guardian(member_id=member.id))
        emails.sign_in_soon(member.address)
    note_service(Deed.GUARDIAN_ASKED, Actor.PROGRAMME_LEAD)


def take_back(address: str) -> None:
    """End a guardian's task by address, accepted or not; the answer does not tell."""
    one_at_a_time("log", SERVICE)  # first, as `accept` does
    if member := member_by_address(address):
        db.session.execute(delete(Guardian).where(Guardian.member_id == member.id))
    note_service(Deed.GUARDIAN_ENDED, Actor.PROGRAMME_LEAD)


def end(guardian_id: UUID) -> None:
    """End a guardian's task; idempotent."""
    one_at_a_time("log", SERVICE)  # first, as `accept` does
    if row := db.session.get(Guardian, guardian_id):
        db.session.delete(row)
        note_service(Deed.GUARDIAN_ENDED, Actor.PROGRAMME_LEAD)


def asked(member_id: UUID) -> Guardian:
    """Row of an account that was asked, accepted or not. Raises NotFound."""
    found = row_of(member_id)
    if found is None:
        raise NotFound
    return found


def accept(member_id: UUID) -> None:
    """Accept, with a second factor in place. Raises NotFound, and InvalidInput (accept) without a
    factor, or where five accepted before."""
    one_at_a_time("log", SERVICE)  # of two at once, the second counts the first
    row, member = asked(member_id), db.session.get_one(Member, member_id)
    if not second_factors.has_any(member):
        raise InvalidInput(accept=_("Add the second lock first."))
    if not row.accepted:
        if _are_enough():
            raise InvalidInput(
                accept=_(
                    "Five guardians have accepted already, so nobody is missing now. Thank you."
                )
            )
        row.accepted = True
        note_service(Deed.GUARDIAN_ACCEPTED, Actor.MEMBER)


def step_down(member_id: UUID) -> None:
    """Decline, or stop being a guardian; idempotent. Only the latter is logged: the log would tell
    the programme lead that an address has an account."""
    one_at_a_time("log", SERVICE)  # first, as `accept` does
    if row := row_of(member_id):
        db.session.delete(row)
        if row.accepted:
            note_service(Deed.GUARDIAN_ENDED, Actor.MEMBER)


def is_accepted(member_id: UUID) -> bool:
    """Whether an account accepted; such an account needs a second factor."""
    row = row_of(member_id)
    return row is not None and row.accepted


def acting() -> list[tuple[Guardian, Member]]:
    """Guardians who can act today, by name: accepted, with a second factor, of an account that is
    neither suspended nor about to be deleted."""
    rows = (
        select(Guardian, Member)
        .join(Member, Member.id == Guardian.member_id)
        .where(Guardian.accepted, ~Member.is_suspended, ~Member.is_programme_lead)
        .where(Member.goes_on.is_(None))
    )
    found = [
        (row, member) for row, member in db.session.execute(rows) if second_factors.has_any(member)
    ]
    return sorted(found, key=lambda each: (each[1].name.casefold(), each[0].id))


def names() -> list[str]:
    """Names of all who accepted, in order, as members read them.

    Suspended accounts and leavers stay on the list until the programme lead removes them: a name
    gone from one day to the next would be seen by every member.
    """
    accepted = Guardian.accepted, ~Member.is_programme_lead
    rows = select(Member).join(Guardian, Member.id == Guardian.member_id).where(*accepted)
    return sorted((str(member.name) for member in db.session.scalars(rows)), key=str.casefold)


def suffice() -> bool:
    """Whether enough guardians can act for anything to be opened."""
    return len(acting()) >= FEWEST


def _are_enough() -> bool:
    """Whether as many as can be have accepted."""
    accepted = select(func.count()).select_from(Guardian).where(Guardian.accepted)
    return (db.session.scalar(accepted) or 0) >= MOST


def row_of(member_id: UUID) -> Guardian | None:
    """Row of an account that was asked, accepted or not; None for all others."""
    return db.session.scalar(select(Guardian).filter_by(member_id=member_id))
