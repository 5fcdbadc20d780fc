"""Passkeys of an account: rows found by a keyed digest of the credential, otherwise sealed."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field, replace
from secrets import token_bytes
from typing import Self
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from forum.accounts import webauthn
from forum.accounts.models import Member, Passkey
from forum.accounts.owner_keys import PASSKEYS
from forum.accounts.webauthn import Answer, Ceremony, Question, Refused
from forum.core import resealing
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.keys import Label, key_ring

MOST = 10
NAME_MAX = 40  # characters
SEALED = "passkeys.sealed"  # job


@dataclass(frozen=True, slots=True)
class Content:
    """Sealed content of a row. key: in fido2's form, base64. month: "2026-03", when it came."""

    whose: str
    handle: str
    key: str = field(repr=False)
    counter: int
    name: str
    month: str

    def to_json(self) -> str:
        """Text for the column Passkey.content."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, row: Passkey) -> Self:
        """Content of a row."""
        return cls(**json.loads(row.content))


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """New passkey of a browser, checked but not yet added."""

    credential_id: bytes
    key: bytes = field(repr=False)
    counter: int
    challenge: str
    handle: bytes
    name: str


@dataclass(frozen=True, slots=True)
class ListedPasskey:
    """Passkey for the page of its owner. month: "2026-03"."""

    id: UUID
    name: str
    month: str


def has_any(member: Member) -> bool:
    """True for an account with a passkey."""
    return bool(PASSKEYS.rows(member))


def listed(member: Member) -> list[ListedPasskey]:
    """Passkeys of an account, by month and name."""
    found = [
        ListedPasskey(row.id, content.name, content.month)
        for row in PASSKEYS.rows(member)
        for content in [Content.of(row)]
    ]
    return sorted(found, key=lambda each: (each.month, each.name, each.id))


def question_to_make(member: Member) -> tuple[Question, str]:
    """Request to a browser for a new passkey, and the user handle of the account, in hex.

    The handle is random, and shared by all passkeys of an account.
    """
    contents = [Content.of(row) for row in PASSKEYS.rows(member)]
    handle = bytes.fromhex(contents[0].handle) if contents else token_bytes(webauthn.SIZE)
    known = [b64decode(each.key) for each in contents]
    return webauthn.question_to_make(handle, known, str(member.id)), handle.hex()


def made(
    member_id: UUID, sealed: str | None, sent: str | None, *, handle: bytes, name: str
) -> NewPasskey:
    """New passkey from the answer of a browser. Raises Refused, and InvalidInput for its name."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise InvalidInput(name=_("Use 1 to %(most)d characters.", most=NAME_MAX))
    challenge = webauthn.challenge_of(sealed, Ceremony.MAKE, str(member_id))
    credential_id, key, counter = webauthn.made(challenge, sent)
    return NewPasskey(credential_id, key, counter, challenge, handle, name)


def has(member: Member, new: NewPasskey) -> bool:
    """True if this passkey stands among the account's."""
    mark = _digest(new.credential_id)
    return any(row.credential_digest == mark for row in PASSKEYS.rows(member))


def add(member: Member, new: NewPasskey) -> None:
    """Add a passkey, under the account's lock. Raises InvalidInput above MOST, and Refused."""
    rows = PASSKEYS.rows_to_change(member)
    if len(rows) >= MOST:
        raise InvalidInput(name=_("You have ten passkeys. Remove one first."))
    if _row(new.credential_id) is not None:
        raise Refused("another account's passkey")
    webauthn.use(new.challenge)
    kept = Content(
        str(member.id),
        new.handle.hex(),
        b64encode(new.key).decode(),
        new.counter,
        new.name,
        now().strftime("%Y-%m"),
    )
    mark = _digest(new.credential_id)
    PASSKEYS.write(member, rows, lambda row: row.id, credential_digest=mark, content=kept.to_json())


def take_away(member: Member, passkey_id: UUID) -> bool:
    """Take a passkey away; False if the account has none of this id."""
    gone = db.session.execute(PASSKEYS.delete(member).where(Passkey.id == passkey_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as in links


def take_all_away(member: Member) -> None:
    """Take all passkeys of an account away."""
    db.session.execute(PASSKEYS.delete(member))


def owner(answer: Answer) -> UUID:
    """Account of the passkey named in an answer. Raises Refused for an unknown passkey."""
    row = _row(answer.credential_id)
    if row is None:
        raise Refused("unknown passkey")
    return UUID(Content.of(row).whose)


def sign_in(member: Member, answer: Answer) -> None:
    """Check a signature, and write its counter where it grew. Raises Refused.

    A passkey kept in a cloud counts nothing: its row stays, or it would be a diary of signing in.
    """
    row, content = _checked(member, answer)
    if answer.counter != content.counter:
        row.content = replace(content, counter=answer.counter).to_json()


def seal_all_anew() -> None:
    """Seal all passkeys again: nightly copies then hide whose counted."""
    resealing.seal_all_anew(Passkey, SEALED)


def check(member: Member, answer: Answer) -> None:
    """Check a signature by a passkey of this account. Raises Refused."""
    _checked(member, answer)


def _checked(member: Member, answer: Answer) -> tuple[Passkey, Content]:
    """Row and content of the account's passkey that signed, under the account's lock.

    A counter that does not grow tells of a copy; zero on both sides is a passkey that counts not.
    Source: Web Authentication Level 3, section 7.2, step 22.
    """
    row = _row(answer.credential_id)
    if row is None:
        raise Refused("unknown passkey")
    content = Content.of(row)
    if content.whose != str(member.id) or (answer.handle and answer.handle.hex() != content.handle):
        raise Refused("another account's passkey")
    webauthn.check(answer, b64decode(content.key))
    if (answer.counter or content.counter) and answer.counter <= content.counter:
        raise Refused("cloned passkey")
    webauthn.use(answer.challenge)
    return row, content


def _row(credential_id: bytes) -> Passkey | None:
    mark = _digest(credential_id)
    found = select(Passkey).where(Passkey.credential_digest == mark)
    return db.session.scalar(found.execution_options(populate_existing=True))


def _digest(credential_id: bytes) -> bytes:
    """Keyed digest of a credential: 32 bytes. Always under the first root key, as of devices.

    Source: HMAC-SHA256, RFC 2104.
    """
    data = b"passkey|" + credential_id
    return hmac.digest(key_ring().derived(Label.FACTORS), data, "sha256")
