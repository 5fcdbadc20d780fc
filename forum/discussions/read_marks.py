"""What a member has read, and what they keep of it for themselves: under a key of their hand, so
that no row says who read what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, cast, func, select

from forum.core.db import db
from forum.discussions.models import ReadMark, Thread
from forum.policy.facts import Hand
from forum.policy.standing import Standing
from forum.policy.terms import Follows, Mark

NOTE_MAX = 500  # characters of a note to oneself
MarkRow = Any  # a row of _ROWS

_MARK = select(ReadMark).where(
    ReadMark.reader == bindparam("reader"), ReadMark.thread_id == bindparam("thread_id")
)
_THEIRS = ReadMark.reader.in_(bindparam("readers", expanding=True))
_MARKS = select(ReadMark).where(_THEIRS)
_ROWS = select(  # without making an object of each
    *(ReadMark.id, ReadMark.reader, ReadMark.follows),
    func.replace(cast(ReadMark.last_change_id, String), "-", "").label("last_change_id"),
    ReadMark.__table__.c.seen,  # sealed
).where(_THEIRS)


@dataclass(frozen=True, slots=True)
class Known:
    """A thread as one member knows it.

    seen: the posts that they saw. last_change_id: the thread's, when they had read all of it.
    follows: how closely they follow it; None: as the circle. note: to themselves, on why they
    saved it for later.
    """

    seen: frozenset[UUID] = frozenset()
    last_change_id: UUID | None = None
    follows: Follows | None = None
    saved: bool = False
    note: str = field(default="", repr=False)


def known(standing: Standing, thread: Thread) -> Known:
    """How this member knows a thread."""
    mark = _mark(standing, thread.id)
    if mark is None:
        return Known()
    seen = frozenset(map(UUID, mark.seen))
    return Known(seen, mark.last_change_id, mark.follows, mark.saved, mark.note)


def mark_read(
    standing: Standing, thread_id: UUID, seen: Collection[UUID], last_change_id: UUID | None
) -> None:
    """Remember what was seen of a thread: the one thing that a GET may write.

    last_change_id: the thread's, where nothing that shows is left unseen; else None.
    """
    mark = _mark(standing, thread_id) or new_mark(standing, thread_id)
    mark.seen = sorted({post_id.hex for post_id in seen}.union(mark.seen))  # of other pages too
    mark.last_change_id = last_change_id


def keep(
    standing: Standing, thread_id: UUID, *, follows: Follows | None, saved: bool, note: str
) -> None:
    """Follow a thread as closely as that, and save it for later with a note to oneself, or not."""
    mark = _mark(standing, thread_id) or new_mark(standing, thread_id)
    mark.follows, mark.saved, mark.note = follows, saved, note if saved else ""


def saved(standings: Sequence[Standing]) -> list[ReadMark]:
    """A member's marks on the threads that they saved, over their circles."""
    by_circle = {standing.circle_id: standing for standing in standings}
    asked = select(ReadMark).where(ReadMark.circle_id.in_(by_circle), ReadMark.saved)
    marks = db.session.scalars(asked) if by_circle else ()
    return [
        mark for mark in marks if mark.reader == _reader(by_circle[mark.circle_id], mark.thread_id)
    ]


def marks(threads: Mapping[str, Standing]) -> dict[str, MarkRow]:
    """A member's own marks on these threads, as _ROWS has them, by thread.

    threads: id, hex -> what the member is in its circle.
    """
    readers = _readers(threads)
    rows = db.session.execute(_ROWS, {"readers": [*readers]}) if readers else ()
    return {readers[row.reader]: row for row in rows}


def seen(standing: Standing, mark: MarkRow | None) -> frozenset[str]:
    """The posts that a mark says were seen: ids, hex."""
    if mark is None:
        return frozenset()
    return frozenset(ReadMark.seen.opener("read_mark", standing.circle_id)(mark.id, mark.seen))


def to_change(threads: Mapping[str, Standing]) -> dict[str, ReadMark]:
    """The same marks as objects, to be changed."""
    readers = _readers(threads)
    found = db.session.scalars(_MARKS, {"readers": [*readers]}) if readers else ()
    return {readers[mark.reader]: mark for mark in found}


def readers(standing: Standing, threads: Sequence[UUID]) -> list[bytes]:
    """The keys that a member's marks on these threads of a circle have, if there are any."""
    return _marked(standing.hand, [thread_id.hex for thread_id in threads])


def new_mark(standing: Standing, thread_id: UUID) -> ReadMark:
    """A member's first mark on a thread: nothing of it was seen."""
    mark = ReadMark(circle_id=standing.circle_id, thread_id=thread_id)
    mark.reader, mark.seen = _reader(standing, thread_id), []
    mark.added = mark.note = ""
    db.session.add(mark)
    return mark


def _readers(threads: Mapping[str, Standing]) -> dict[bytes, str]:
    """The keys of a member's marks on these threads, and which thread each is for."""
    hands: dict[Hand, list[str]] = {}
    for thread_id, standing in threads.items():
        hands.setdefault(standing.hand, []).append(thread_id)
    return {
        reader: thread_id
        for hand, ids in hands.items()
        for reader, thread_id in zip(_marked(hand, ids), ids, strict=True)
    }


def _marked(hand: Hand, threads: Sequence[str]) -> list[bytes]:
    return hand.marks(Mark.READER, map(bytes.fromhex, threads))


def _mark(standing: Standing, thread_id: UUID) -> ReadMark | None:
    known = {"reader": _reader(standing, thread_id), "thread_id": thread_id}
    return db.session.scalar(_MARK, known)


def _reader(standing: Standing, thread_id: UUID) -> bytes:
    """The key of a member's mark on a thread: another in each. One for a circle would show which
    reader of one thread, where a mask waits, is the last to have written by name in another."""
    return standing.hand.mark(Mark.READER, thread_id)
