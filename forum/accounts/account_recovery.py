"""Help for somebody who lost every second factor: vouching, stopping, confirming.

Colleagues who know the person vouch, a day passes, the programme lead confirms. The lead sees an
address, never who vouched or in which circle. Only the second factor goes: the password, or a
mailed reset, is still needed.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select

from forum.accounts import emails, recoveries, second_factors, sessions
from forum.accounts.models import AccountRecovery, Member
from forum.accounts.owner_keys import lock
from forum.accounts.queries import account
from forum.accounts.recoveries import Recovery
from forum.accounts.recovery_states import Act, RecoveryState
from forum.audit.actions import Actor, Deed
from forum.audit.models import SERVICE
from forum.audit.services import note_service
from forum.core.db import db, one_at_a_time
from forum.core.fences import left_out

PURGED = "accounts.purged"
STOPPED = {False: Deed.RECOVERY_STOPPED, True: Deed.ADDRESS_CORRECTION_STOPPED}


@dataclass(frozen=True, slots=True)
class VouchedFor:
    """Account waiting for the programme lead, in the lead's view."""

    row_id: UUID
    address: str = field(repr=False)


def vouch(member_id: UUID, voucher_id: UUID, *, alone: bool) -> None:
    """Vouch for somebody, inside a unit of work; without `alone`, two have to.

    Nothing happens for an account without a second factor, to its owner, or where a recovery goes
    on already: whoever vouches is told the same in every case.
    """
    member = locked(member_id)
    before, by = recoveries.of(member), recoveries.mark(member_id, voucher_id)
    if member_id == voucher_id or by == before.by or not second_factors.has_any(member):
        return
    then = before.moved(Act.MODERATOR if alone else Act.MEMBER, by)
    if then == before:
        return
    store(member, then)
    emails.vouched_for(member.address)  # of each: the day to stop it begins with the second
    if then.state is RecoveryState.WAITING:
        note_service(Deed.VOUCHED_FOR, Actor.MEMBER)
        for lead in db.session.scalars(select(Member).where(Member.is_programme_lead)):
            emails.somebody_was_vouched_for(lead.address)


def stop(member_id: UUID) -> RecoveryState:
    """Stop the recovery of one's own account; for a while nobody can vouch again.

    Returns its state before: nothing is stopped where that is none of CAN_BE_STOPPED.
    """
    member = locked(member_id)
    before = recoveries.of(member)
    if before.can_be_stopped:
        store(member, before.moved(Act.STOP))
        is_of_address = bool(before.address)
        note_service(STOPPED[is_of_address], Actor.MEMBER)
    return before.state


def vouched_for() -> list[VouchedFor]:
    """Accounts that wait for the programme lead, in the order of their rows' ids."""
    ready = {
        row_id: each.whose
        for row_id, each in recoveries.all_by_row().items()
        if each.state is RecoveryState.READY
    }
    rows = db.session.scalars(select(Member).where(Member.id.in_(ready.values()))) if ready else ()
    members = {member.id: member for member in rows}
    found = []
    for row_id, whose in ready.items():
        with left_out():
            found.append(VouchedFor(row_id, members[whose].address))
    return found


def confirm(row_id: UUID) -> bool:
    """Take the second factors off that were lost; False if it waits no longer."""
    if (member := _ready(row_id)) is None:
        return False
    note_service(Deed.RECOVERY_CONFIRMED, Actor.PROGRAMME_LEAD)
    _take_off(member, Act.CONFIRM)
    return True


def refuse(row_id: UUID) -> bool:
    """Leave the second factors as they are; False if it waits no longer."""
    if (member := _ready(row_id)) is None:
        return False
    note_service(Deed.RECOVERY_REFUSED, Actor.PROGRAMME_LEAD)
    store(member, recoveries.of(member).moved(Act.REFUSE))
    return True


def reset(member_id: UUID) -> bool:
    """Take all second factors off, at the operator's command; False if there was none."""
    member = locked(member_id)
    if not second_factors.has_any(member):
        return False
    _take_off(member, Act.RESET)
    return True


def purge() -> None:
    """Delete recoveries that are over. Not counted: a line in the log would tell when."""
    for recovery in recoveries.all_by_row(PURGED).values():
        if recovery.state is RecoveryState.NOTHING:
            with left_out(PURGED):
                member = locked(recovery.whose)
                store(member, recoveries.of(member))


def begin_again() -> None:
    """Delete recoveries in hand after a restore, whose owners may have stopped them since the
    backup; hidden posts that were closed stay closed.
    """
    for row_id, recovery in recoveries.all_by_row().items():
        if recovery.state is not RecoveryState.DONE:
            db.session.execute(delete(AccountRecovery).where(AccountRecovery.id == row_id))


def _take_off(member: Member, act: Act) -> None:
    recoveries.store(member, recoveries.of(member).moved(act))
    second_factors.take_all_away(member.id)


def _ready(row_id: UUID) -> Member | None:
    """Account whose recovery waits for the lead, locked; None for any other row id."""
    found = recoveries.all_by_row().get(row_id)
    if found is None:
        return None
    member = locked(found.whose)
    return member if recoveries.of(member).state is RecoveryState.READY else None


def locked(member_id: UUID) -> Member:
    """Account as it stands now, locked; the log's lock comes first, since what is done is noted
    in it."""
    member = account(member_id)
    one_at_a_time("log", SERVICE)
    lock(member)
    return member


def store(member: Member, recovery: Recovery) -> None:
    """Write a recovery down, and show it in every open session, or show it no more."""
    recoveries.store(member, recovery)
    sessions.update_account(member.id)
