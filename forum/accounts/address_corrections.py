"""Correction of a lost mail address at the operator's command, with the delays of a recovery.

Its owner is told at once, by email and in every open session, and can stop it for a day. Then the
worker writes the address, and hidden posts stay closed for a week.
"""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts import account_recovery, emails, recoveries, services, sessions
from forum.accounts.models import EventKind, Member
from forum.accounts.owner_keys import LINKS
from forum.accounts.queries import address_digest, member_by_address
from forum.accounts.recoveries import Recovery
from forum.accounts.recovery_states import Act, RecoveryState
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.core.fences import fence


def ask(member_id: UUID, address: str) -> None:
    """Begin a correction, inside a unit of work. Raises InvalidInput (address)."""
    member, address = account_recovery.locked(member_id), services.checked_address(address)
    if member_by_address(address):
        raise InvalidInput(address=_("This address cannot be used. Try another one."))
    before = recoveries.of(member)
    then = before.moved(Act.ADDRESS, address=address)
    if then == before:
        raise InvalidInput(address=_in_the_way(before))
    note_service(Deed.ADDRESS_CORRECTION_ASKED, Actor.OPERATOR)
    emails.address_correction_asked(member.address)
    account_recovery.store(member, then)


def _in_the_way(recovery: Recovery) -> str:
    """Sentence, for the operator, on the state that no correction begins from."""
    free = f"{_free_from(recovery):%d %B %Y, %H:%M} UTC"
    match recovery.state:
        case RecoveryState.ADDRESS_ASKED | RecoveryState.ADDRESS_DUE:
            return "A change of that address is under way. `address cancel` ends it."
        case RecoveryState.STOPPED:
            return f"A change was stopped by its owner or the programme lead. Ask after {free}."
        case RecoveryState.DONE:
            return (
                "Its second lock or its address was changed in the last seven days, and its hidden"
                f" posts are closed until {free}. Ask then: a change now would open them."
            )
        case _vouched_for:
            return (
                "Colleagues vouched for its owner, who may get the second lock taken off. Ask again"
                f" after {free}."
            )


def _free_from(recovery: Recovery) -> datetime:
    """Moment from which nothing is under way, if nobody acts before."""
    while (then := recovery.moved(Act.TIME)).state is not RecoveryState.NOTHING:
        recovery = then
    return recovery.ends


def cancel(member_id: UUID) -> bool:
    """Cancel a correction before its time, inside a unit of work; False if there is none."""
    member = account_recovery.locked(member_id)
    if not recoveries.of(member).address:
        return False
    _cancel(member, Actor.OPERATOR)
    return True


def change_due() -> int:
    """Change addresses whose day is over; returns their number."""
    due = [
        each.whose
        for each in recoveries.all_by_row().values()
        if each.state is RecoveryState.ADDRESS_DUE
    ]
    for member_id in due:
        with fence("addresses.corrected"), unit_of_work():
            _change(account_recovery.locked(member_id))
    return len(due)


def _change(member: Member) -> None:
    """Write the address of a due correction, unless in use by now."""
    recovery = recoveries.of(member)
    if recovery.state is not RecoveryState.ADDRESS_DUE:
        return
    services.lock_address(recovery.address)
    if member_by_address(recovery.address) or member.is_suspended:
        _cancel(member, Actor.CLOCK)
        return
    note_service(Deed.ADDRESS_CORRECTED, Actor.CLOCK)
    emails.address_changed(member.address)
    member.address, member.address_digest = recovery.address, address_digest(recovery.address)
    for ids in LINKS.values():
        db.session.execute(ids.delete(member))
    sessions.end_all(member.id)
    services.note(member.id, EventKind.ADDRESS_CHANGED)
    account_recovery.store(member, recovery.moved(Act.CHANGE))


def _cancel(member: Member, actor: Actor) -> None:
    note_service(Deed.ADDRESS_CORRECTION_CANCELLED, actor)
    account_recovery.store(member, recoveries.of(member).moved(Act.CANCEL))
