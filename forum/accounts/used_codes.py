"""Marks of one-time codes that were used, in rows without account or time.

A mark is derived from a secret of its owner, so nobody can name a row's owner. Rows belong
to generations of five minutes, numbered in a circle of three: one is written, the one before still
counts, and the worker empties the third. No row tells more than "within ten minutes".
"""

import hmac
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from forum.accounts.models import UsedCode
from forum.core.clock import now
from forum.core.db import db
from forum.core.keys import Label, key_ring

GENERATION = 300  # seconds
LEAST = timedelta(seconds=GENERATION)  # that a mark lives
MOST = timedelta(seconds=2 * GENERATION + 60)
CIRCLE = 3  # generations


def use(secret: bytes, code: str, *before: str) -> bool:
    """Mark a code and those before it as used, inside a unit of work; False if it was already.

    The caller holds the account's lock, so that of simultaneous uses one succeeds.
    """
    marks = {_mark(secret, each): each for each in (code, *before)}
    used = _used(marks)
    if _mark(secret, code) in used:
        return False
    generation = _generation()
    db.session.add_all(UsedCode(id=mark, generation=generation) for mark in marks.keys() - used)
    return True


def purge() -> None:
    """Delete the marks that no longer count."""
    old = UsedCode.generation == (_generation() + 1) % CIRCLE
    db.session.execute(delete(UsedCode).where(old))


def _used(marks: Iterable[UUID]) -> set[UUID]:
    return set(db.session.scalars(select(UsedCode.id).where(UsedCode.id.in_(marks))))


def _generation() -> int:
    return int(now().timestamp()) // GENERATION % CIRCLE


def _mark(secret: bytes, code: str) -> UUID:
    """Row id of a used code. Source: HMAC-SHA256 (RFC 2104), written as UUID version 4.

    Always under the first root key: a rotation must not make a used code new again.
    """
    data = b"|".join((secret, code.encode()))
    made = hmac.digest(key_ring().derived(Label.FACTORS), data, "sha256")
    return UUID(bytes=made[:16], version=4)
