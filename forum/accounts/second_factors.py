"""Second factors of an account: passkeys, six digits of an app, recovery codes."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts import emails, known_devices, passkeys, recovery_codes, sessions, totp
from forum.accounts.models import Member
from forum.accounts.owner_keys import lock
from forum.accounts.queries import account
from forum.accounts.webauthn import Answer, Refused
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.web import limits

FEW = 3  # recovery codes left, from which pages say so
SETTING_UP = timedelta(minutes=30)  # between the QR code and its first digits
SETUP = "second-factor"  # place of a sealed set-up


class Factor(StrEnum):
    """Kind of second factor that was given."""

    APP = "app"
    RECOVERY = "recovery"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class Setup:
    """Secret and recovery codes that a page offers, before the app's first digits prove them."""

    whose: UUID
    secret: bytes = field(repr=False)
    codes: list[str] = field(repr=False)

    @classmethod
    def new(cls, member_id: UUID) -> Self:
        """Set-up with a random secret and random recovery codes."""
        return cls(member_id, totp.new_secret(), recovery_codes.new())

    def sealed(self) -> str:
        """Text for a hidden field: opens for this account, and for half an hour."""
        known = [str(self.whose), self.secret.hex(), self.codes, int(now().timestamp())]
        return tokens.sealed(json.dumps(known), SETUP)

    @classmethod
    def opened(cls, text: str | None, member_id: UUID) -> Self | None:
        """The set-up of a hidden field; None for another account's, an old one, any other text."""
        plain = tokens.opened(text, SETUP)
        if plain is None:
            return None
        whose, secret, codes, made = json.loads(plain)
        is_old = now().timestamp() - made > SETTING_UP.total_seconds()
        if whose != str(member_id) or is_old:
            return None
        return cls(member_id, bytes.fromhex(secret), codes)


def has_any(member: Member) -> bool:
    """True for an account with a second factor; recovery codes alone are none."""
    return bool(member.totp_secret) or passkeys.has_any(member)


def codes_left(member_id: UUID) -> int:
    """Number of recovery codes not used yet."""
    return recovery_codes.left(account(member_id).recovery_digests)


def use(member_id: UUID, typed: str) -> Factor | None:
    """Use up a typed factor, and return its kind; None for any other text.

    Call inside a unit of work: of simultaneous uses of a code, one succeeds.
    """
    member = _locked(member_id)
    if member.totp_secret and totp.use(member.totp_secret, typed):
        return Factor.APP
    left = recovery_codes.without(member.recovery_digests, typed)
    if not has_any(member) or left is None:
        return None
    member.recovery_digests = left
    return Factor.RECOVERY


def given_again(member_id: UUID, typed: str) -> Factor | None:
    """Use up a factor of a signed-in member, whose session gets a new token; returns its kind.

    Opens a unit of work. Raises TooMany during a wait.
    """
    tried = tries(member_id, signed_in=True)
    tried.begin()
    with unit_of_work():
        kind = use(member_id, typed)
        if kind:
            sessions.renew(by_factor=True)
    if kind:
        tried.succeeded()
    return kind


def tries(member_id: UUID, *, signed_in: bool) -> limits.FewTries:
    """Limit on codes of an account, separate for each known browser and for sessions."""
    if signed_in:
        return limits.FewTries("code again", member_id.bytes)
    return limits.FewTries("code", member_id.bytes, known_devices.known(member_id) or b"")


def add_app(setup: Setup, typed: str) -> bool:
    """Add an app with its first digits; False if an earlier press did.

    Other sessions end. Raises InvalidInput for wrong digits.
    """
    member = _locked(setup.whose)
    if member.totp_secret == setup.secret:
        return False
    if not totp.use(setup.secret, typed):
        raise InvalidInput(digits=_("That was not it. Codes change every half minute."))
    member.totp_secret = setup.secret
    member.recovery_digests = recovery_codes.digests(setup.codes)
    _changed(member)
    return True


def add_passkey(setup: Setup, new: passkeys.NewPasskey) -> tuple[bool, bool]:
    """Add a passkey, or find it added by an earlier press; other sessions end.

    Returns whether it was added now, and whether it is the first factor, whose recovery codes are
    the set-up's. Raises InvalidInput, and Refused for a challenge used before.
    """
    member, new_codes = _locked(setup.whose), recovery_codes.digests(setup.codes)
    is_added = not passkeys.has(member, new)
    if is_added:
        passkeys.add(member, new)
        _changed(member)
    if not member.recovery_digests:
        member.recovery_digests = new_codes
    return is_added, recovery_codes.share_any(member.recovery_digests, new_codes)


def take_away_passkey(member_id: UUID, passkey_id: UUID) -> bool:
    """Take a passkey away, and the recovery codes with the last factor. Other sessions end.

    False if the account has none of this id, which changes once a week.
    """
    member = _locked(member_id)
    if not passkeys.take_away(member, passkey_id):
        return False
    if not has_any(member):
        member.recovery_digests = b""
    _changed(member)
    return True


def by_passkey(answer: Answer) -> UUID:
    """Account that a passkey signs in, its challenge used up and its counter written.

    Call inside a unit of work. Raises Refused, for a suspended account and a cloned passkey too.
    """
    member = _locked(passkeys.owner(answer))
    passkeys.sign_in(member, answer)
    if member.is_suspended:
        raise Refused("suspended")
    return member.id


def passkey_given_again(member_id: UUID, answer: Answer) -> None:
    """Take a signature by the account's own passkey as a fresh factor. Raises Refused.

    Opens a unit of work. The counter is not written: its row would tell of the moment.
    """
    with unit_of_work():
        passkeys.check(_locked(member_id), answer)
        sessions.renew(by_factor=True)


def take_away_app(member_id: UUID) -> bool:
    """Take the app away, and the recovery codes with the last factor; False if there is none.

    Other sessions end.
    """
    member = _locked(member_id)
    if not member.totp_secret:
        return False
    member.totp_secret = b""
    if not has_any(member):
        member.recovery_digests = b""
    _changed(member)
    return True


def new_recovery_codes(setup: Setup) -> None:
    """Replace the recovery codes; the old ones end. Sent twice, it changes nothing more."""
    member, new = _locked(setup.whose), recovery_codes.digests(setup.codes)
    if has_any(member) and not recovery_codes.share_any(member.recovery_digests, new):
        member.recovery_digests = new
        emails.factor_changed(member.address)


def take_all_away(member_id: UUID) -> bool:
    """Take every second factor away, and end all sessions; False if there was none."""
    member = _locked(member_id)
    if not has_any(member):
        return False
    member.totp_secret = member.recovery_digests = b""
    passkeys.take_all_away(member)
    sessions.end_all(member_id)
    emails.factor_changed(member.address)
    return True


def _locked(member_id: UUID) -> Member:
    """The current account, locked against further units of work until this unit ends."""
    member = account(member_id)
    lock(member)
    return member


def _changed(member: Member) -> None:
    sessions.end_others(member.id)
    emails.factor_changed(member.address)
