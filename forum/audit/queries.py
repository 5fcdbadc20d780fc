"""Reads of the logs. Who may see which is for the pages to say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from forum.audit.actions import Actor, Deed
from forum.audit.hash_chain import NO_LINES, Head, broken_at
from forum.audit.models import Entry
from forum.core.db import db

EACH = 50  # lines on one page
AT_ONCE = 500  # lines read together


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says. about: a name that someone writes under, or a role."""

    deed: Deed
    actor: Actor
    about: str = field(default="", repr=False)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line as a page shows it."""

    at: datetime
    said: Said


def last(chain: UUID) -> Entry | None:
    """The last line of a log."""
    lines = select(Entry).filter_by(chain=chain).order_by(Entry.seq.desc())
    return db.session.scalar(lines.limit(1))


def page(chain: UUID, number: int) -> tuple[list[Told], int]:
    """One page of a log, the newest line first, and the number of pages. number: from 1."""
    lines = select(Entry).filter_by(chain=chain).order_by(Entry.seq.desc())
    here = db.session.scalars(lines.limit(EACH).offset((number - 1) * EACH))
    pages = max(1, -(-_length(chain) // EACH))
    return [Told(line.at, _said(line)) for line in here], pages


def heads() -> dict[UUID, Head]:
    """Where each log ends."""
    ends = select(Entry.chain, func.max(Entry.seq).label("seq")).group_by(Entry.chain).subquery()
    found = select(Entry.chain, Entry.seq, Entry.digest).join(
        ends, (Entry.chain == ends.c.chain) & (Entry.seq == ends.c.seq)
    )
    return {chain: Head(seq, digest) for chain, seq, digest in db.session.execute(found)}


def head(chain: UUID) -> Head:
    """Where one log ends."""
    line = last(chain)
    return Head(line.seq, line.digest) if line else NO_LINES


def digest_at(chain: UUID, seq: int) -> bytes | None:
    """The digest of one line."""
    return db.session.scalar(select(Entry.digest).filter_by(chain=chain, seq=seq))


def fault(chain: UUID, known: Head = NO_LINES) -> int | None:
    """The first line, from 1, at which a log was changed or cut; None where it is whole."""
    return broken_at(_lines(chain), known)


def _lines(chain: UUID) -> Iterator[Entry]:
    """All lines of a log in their order, some at a time."""
    seen = 0
    while True:
        next_ones = select(Entry).where(Entry.chain == chain, Entry.seq > seen).order_by(Entry.seq)
        some = db.session.scalars(next_ones.limit(AT_ONCE)).all()
        yield from some
        if len(some) < AT_ONCE:
            return
        seen = some[-1].seq
        db.session.expunge_all()


def _length(chain: UUID) -> int:
    return db.session.scalar(select(func.max(Entry.seq)).filter_by(chain=chain)) or 0


def _said(line: Entry) -> Said:
    said = json.loads(line.said)
    return Said(Deed(said["deed"]), Actor(said["actor"]), said["about"], said["reason"])
