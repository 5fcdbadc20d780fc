"""Password checks, with equal responses for known and unknown addresses.

Each wrong password doubles the wait before the next try, per account, for all unknown browsers
together. A known browser has its own wait, and a queue closed to strangers. Under any flood each
network keeps one try a minute. So nobody can lock anybody out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from flask import current_app

from forum.accounts import known_devices, passwords
from forum.accounts.models import Member
from forum.accounts.owner_keys import lock
from forum.accounts.queries import address_digest, member_by_address
from forum.core import tokens
from forum.core.db import db, unit_of_work
from forum.web import limits


@dataclass(frozen=True, slots=True)
class VerifiedMember:
    """A member who gave the right password, with the hash checked against."""

    member_id: UUID
    _kept: str = field(repr=False)

    def still_holds(self) -> bool:
        """True if password and account are still valid.

        Call inside the unit of work that relies on the check: a reset or a suspension may have come
        first. Locks the account, so that none comes in between.
        """
        member = db.session.get(Member, self.member_id)
        if member is None:
            return False
        lock(member)
        return not member.is_suspended and member.password_hash == self._kept

    def carried(self) -> tuple[str, str]:
        """Account and digest of the hash, to be carried to the second step of signing in."""
        return str(self.member_id), tokens.digest(self._kept).hex()

    def renew(self, password: str) -> None:
        """Hash the password anew in today's form, if its hash is old and still holds.

        Opens a unit of work. Raises Busy.
        """
        if passwords.is_old(self._kept):
            new = passwords.rehashed(password)
            with unit_of_work():
                if self.still_holds():
                    db.session.get_one(Member, self.member_id).password_hash = new


def by_password(address: str, password: str) -> VerifiedMember | None:
    """Member with this address and password; None for anyone else, suspended members included.

    Raises TooMany during a wait, and Busy. Only tries that reach the password check are counted.
    """
    member = member_by_address(address)
    device = known_devices.known(member.id if member else None)
    wait = limits.Delay("sign-in", address_digest(address), device or b"")
    if device:
        return _member(member, password, wait, passwords.KNOWN, wait.begin)
    tries = _strangers_tries()

    def admit() -> None:
        tries.check()  # first, so that a network without tries left does not use up the wait
        wait.begin()
        tries.take()

    return _member(member, password, wait, passwords.STRANGERS, admit, resets=False)


def carried(member_id: str, hash_digest: str) -> VerifiedMember | None:
    """Member whose password was checked in the first step; None if it changed since."""
    member = db.session.get(Member, UUID(member_id))
    if member is None or tokens.digest(member.password_hash).hex() != hash_digest:
        return None
    return VerifiedMember(member.id, member.password_hash)


def again(member_id: UUID, password: str) -> VerifiedMember | None:
    """The signed-in member, if the password is theirs; else None. Raises TooMany and Busy."""
    member = db.session.get(Member, member_id)
    wait = limits.Delay("password", member_id.bytes)
    return _member(member, password, wait, passwords.KNOWN, wait.begin)


def _strangers_tries() -> limits.StrangerLimits:
    config = current_app.config
    return limits.StrangerLimits(
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
    *,
    resets: bool = True,
) -> VerifiedMember | None:
    """resets: the right password ends the wait. Not of a wait that strangers share: whoever guesses
    would see that the address has an account, and when its owner signed in.
    """
    kept = member.password_hash if member else None
    fits = passwords.matches(kept, password, queue, admit)
    if fits and member and kept and not member.is_suspended:
        if resets:
            wait.succeeded()
        return VerifiedMember(member.id, kept)
    wait.failed()
    return None
