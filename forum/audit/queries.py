"""Queries of the logs; permission is checked by the views."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forum.audit.actions import Actor, Deed
from forum.audit.hash_chain import NO_LINES, Head, broken_at
from forum.audit.models import Entry
from forum.core.db import db

LINES_PER_PAGE = 50
LINES_PER_READ = 500
REMEMBERED = 8  # numbers


@dataclass(frozen=True, slots=True)
class LoggedAction:
    """Content of a log line. about: an author name, or a role. words: a reason as written."""

    deed: Deed
    actor: Actor
    about: str = field(default="", repr=False)
    reason: str = ""
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LogLine:
    """Log line as shown on a page."""

    at: datetime
    action: LoggedAction


def last(chain: UUID) -> Entry | None:
    """Last line of a log; None if empty."""
    lines = select(Entry).filter_by(chain=chain).order_by(Entry.seq.desc())
    return db.session.scalar(lines.limit(1))


def page(chain: UUID, number: int) -> tuple[list[LogLine], int]:
    """Lines of a page, newest first, and the number of pages. number: from 1."""
    lines = select(Entry).filter_by(chain=chain).order_by(Entry.seq.desc())
    here = db.session.scalars(lines.limit(LINES_PER_PAGE).offset((number - 1) * LINES_PER_PAGE))
    pages = max(1, -(-_length(chain) // LINES_PER_PAGE))
    return [LogLine(line.at, _action(line)) for line in here], pages


def moments(chain: UUID, deed: Deed) -> list[datetime]:
    """Hours at which a log has this deed, oldest first."""
    return [line.at for line in _lines(chain) if _action(line).deed is deed]


def number_of(chain: UUID, deeds: Collection[Deed], since: datetime, until: datetime) -> int:
    """Number of a log's lines about these deeds, from `since` until before `until`."""
    lines = select(Entry).where(Entry.chain == chain, Entry.at >= since, Entry.at < until)
    return sum(_action(line).deed in deeds for line in db.session.scalars(lines))


def remembered_number_of(
    chain: UUID, deeds: frozenset[Deed], since: datetime, until: datetime
) -> int:
    """Number as of `number_of`, remembered by this process for a page that many read.

    The digest of the span's last line stands for all lines before it.
    """
    lines = select(Entry.digest).where(Entry.chain == chain, Entry.at >= since, Entry.at < until)
    end = db.session.scalar(lines.order_by(Entry.seq.desc()).limit(1))
    return _number_at(end, chain, deeds, since, until) if end else 0


@lru_cache(REMEMBERED)
def _number_at(_end: bytes, *asked: Any) -> int:
    return number_of(*asked)


def heads() -> dict[UUID, Head]:
    """Head of each log, by chain."""
    ends = select(Entry.chain, func.max(Entry.seq).label("seq")).group_by(Entry.chain).subquery()
    found = select(Entry.chain, Entry.seq, Entry.digest).join(
        ends, (Entry.chain == ends.c.chain) & (Entry.seq == ends.c.seq)
    )
    return {chain: Head(seq, digest) for chain, seq, digest in db.session.execute(found)}


def extent() -> tuple[int, int]:
    """Number of lines of all logs, and the sum of their numbers: it moves with every new line."""
    total = func.coalesce(func.sum(Entry.seq), 0)
    count, numbers = db.session.execute(select(func.count(), total).select_from(Entry)).one()
    return count, int(numbers)


def head(chain: UUID) -> Head:
    """Head of one log."""
    line = last(chain)
    return Head(line.seq, line.digest) if line else NO_LINES


def head_before(chain: UUID, moment: datetime) -> Head:
    """Head of a log at an earlier moment."""
    lines = select(Entry).where(Entry.chain == chain, Entry.at < moment)
    line = db.session.scalar(lines.order_by(Entry.seq.desc()).limit(1))
    return Head(line.seq, line.digest) if line else NO_LINES


def digest_at(chain: UUID, seq: int) -> bytes | None:
    """Digest of a line; None if absent."""
    return db.session.scalar(select(Entry.digest).filter_by(chain=chain, seq=seq))


def fault(chain: UUID, known: Head = NO_LINES) -> int | None:
    """First line, from 1, at which a log was changed or cut; None if intact."""
    return broken_at(_lines(chain), known)


def _lines(chain: UUID) -> Iterator[Entry]:
    """All lines of a log in order, read in batches."""
    seen = 0
    while True:
        next_ones = select(Entry).where(Entry.chain == chain, Entry.seq > seen).order_by(Entry.seq)
        some = db.session.scalars(next_ones.limit(LINES_PER_READ)).all()
        yield from some
        if len(some) < LINES_PER_READ:
            return
        seen = some[-1].seq
        db.session.expunge_all()


def _length(chain: UUID) -> int:
    return db.session.scalar(select(func.max(Entry.seq)).filter_by(chain=chain)) or 0


def _action(line: Entry) -> LoggedAction:
    fields = json.loads(line.content)
    deed, actor = Deed(fields["deed"]), Actor(fields["actor"])
    return LoggedAction(deed, actor, fields["about"], fields["reason"], fields.get("words", ""))
