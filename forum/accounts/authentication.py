"""Telling whether someone is who they say, in a way that tells nobody whether there is such a one.

Wrong passwords make the next try wait, for each account and for browsers that do not know it
together; a browser that does has a wait of its own, and a queue that strangers cannot fill. However
many of them try, each network has a try a minute left. So nobody can lock anybody out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from flask import current_app

from forum.accounts import known_devices, passwords
from forum.accounts.models import Member
from forum.accounts.queries import address_digest, member_by_address
from forum.core.db import db
from forum.web import limits


@dataclass(frozen=True, slots=True)
class Recognised:
    """A member who gave the right password, and what was kept of it then."""

    member_id: UUID
    _kept: str = field(repr=False)

    def still_holds(self) -> bool:
        """Whether it is their password still, and the account open. To be asked inside the work
        that relies on it: a reset, or a suspension, may have been quicker.
        """
        member = db.session.get(Member, self.member_id, populate_existing=True)
        if member is None or member.is_suspended:
            return False
        return member.password_hash == self._kept


def by_password(address: str, password: str) -> Recognised | None:
    """The member whose address and password these are; None for all others, suspended ones too.

    Raises TooMany while a wait runs, and Busy. Only a try that reaches the password is counted.
    """
    member = member_by_address(address)
    device = known_devices.known(member.id if member else None)
    wait = limits.Delay("sign-in", address_digest(address), device or b"")
    if device:
        return _member(member, password, wait, passwords.KNOWN, wait.begin)
    tries = _strangers_tries()

    def admit() -> None:
        tries.check()  # first, so that a network that has no try left does not use up the wait
        wait.begin()
        tries.take()

    return _member(member, password, wait, passwords.STRANGERS, admit)


def again(member_id: UUID, password: str) -> Recognised | None:
    """The member who is signed in, if this is their password. Raises TooMany and Busy."""
    member = db.session.get(Member, member_id)
    wait = limits.Delay("password", member_id.bytes)
    return _member(member, password, wait, passwords.KNOWN, wait.begin)


def _strangers_tries() -> limits.StrangersTries:
    config = current_app.config
    return limits.StrangersTries(
        "sign-in",
        network=config["SIGN_INS_A_NETWORK"],
        service=config["SIGN_INS_ALL"],
        slowed=config["SIGN_INS_SLOWED"],
    )


def _member(
    member: Member | None,
    password: str,
    wait: limits.Delay,
    queue: passwords.Queue,
    admit: Callable[[], None],
) -> Recognised | None:
    kept = member.password_hash if member else None
    fits = passwords.matches(kept, password, queue, admit)
    if fits and member and kept and not member.is_suspended:
        wait.succeeded()
        return Recognised(member.id, kept)
    wait.failed()
    return None
