"""What a member has read: kept under a key of their hand, so that no row says who read what.

A mark holds the thread's `stirred` as it was when last read, and the ids of the posts seen. While
`stirred` has not moved nothing is new, and nothing is looked into. A count or an hour would not
do: masked posts land between others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, or_, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions.models import ReadMark, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import Mark

LOOKED_AT = 200  # threads in one look for news, those that moved last

_MARK = select(ReadMark).where(
    ReadMark.reader == bindparam("reader"), ReadMark.thread_id == bindparam("thread_id")
)


@dataclass(frozen=True, slots=True)
class News:
    """A thread in which something is new to the reader. fresh: how many posts of it are."""

    circle_id: UUID
    thread_id: UUID
    fresh: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """How far a member read a thread. stirred: the thread's, when they had read all of it."""

    seen: frozenset[UUID]
    stirred: UUID | None


def known(standing: Standing, thread: Thread) -> Known:
    """How far this member read a thread."""
    mark = _mark(standing, thread.id)
    if mark is None:
        return Known(frozenset(), None)
    return Known(frozenset(map(UUID, mark.seen)), mark.stirred)


def mark_read(
    standing: Standing, thread_id: UUID, seen: Collection[UUID], stirred: UUID | None
) -> None:
    """Remember what was seen of a thread: the one thing that a GET may write.

    stirred: the thread's, where nothing of it is left unseen, nor waits for its slot; else None.
    """
    mark = _mark(standing, thread_id)
    if mark is None:
        reader = _reader(standing, thread_id)
        mark = ReadMark(circle_id=standing.circle_id, thread_id=thread_id, reader=reader)
        mark.seen = []
        db.session.add(mark)
    mark.seen = sorted({post_id.hex for post_id in seen}.union(mark.seen))  # of other pages too
    mark.stirred = stirred


def news(standings: Sequence[Standing], threads: Iterable[UUID] | None = None) -> list[News]:
    """What is new to a member in their circles, what moved last first; in these threads only,
    if they are given. What was said before they joined is not new.

    Looks into the LOOKED_AT threads that moved last: a mark has another key in each.
    """
    by_circle = {standing.circle_id: standing for standing in standings}
    lately = _lately(by_circle, threads)
    readers = {row.id: _reader(by_circle[row.circle_id], row.id) for row in lately}
    marks = _marks(list(readers.values()))
    moved = [row for row in lately if not _is_read(marks.get(readers[row.id]), row.stirred)]
    visible = _visible([row.id for row in moved])
    found = []
    for row in moved:
        mark = marks.get(readers[row.id])
        seen = frozenset(mark.seen) if mark else frozenset()
        since = _start(by_circle[row.circle_id])
        opening = [] if row.closed else [(row.id, row.appears_at)]
        posts = [*opening, *visible.get(row.id, [])]
        fresh = sum(
            post_id.hex not in seen and appears_at >= since for post_id, appears_at in posts
        )
        if fresh:
            found.append(News(row.circle_id, row.id, fresh, row.last))
    return found


def _lately(
    by_circle: Mapping[UUID, Standing], threads: Iterable[UUID] | None
) -> Sequence[Row[UUID, UUID, datetime, UUID, datetime, bool]]:
    """The threads that moved last since the member joined: id, circle_id, appears_at, stirred,
    last, when something last appeared in them, and closed, whether their opening is not shown."""
    if not by_circle:
        return []
    last = func.coalesce(func.max(Reply.appears_at), Thread.appears_at).label("last")
    closed = or_(Thread.withdrawn, Thread.hidden.is_not(None)).label("closed")
    asked = (
        select(Thread.id, Thread.circle_id, Thread.appears_at, Thread.stirred, last, closed)
        .outerjoin(Reply, and_(Reply.thread_id == Thread.id, Reply.appears_at <= now()))
        .where(Thread.circle_id.in_(by_circle), Thread.appears_at <= now())
        .group_by(Thread.id)
        .having(last >= min(map(_start, by_circle.values())))
        .order_by(last.desc(), Thread.id)
        .limit(LOOKED_AT)
    )
    return db.session.execute(
        asked if threads is None else asked.where(Thread.id.in_(threads))
    ).all()


def _is_read(mark: ReadMark | None, stirred: UUID) -> bool:
    """Whether nothing moved in a thread since all of it was read."""
    return mark is not None and mark.stirred == stirred


def _visible(threads: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, datetime]]]:
    if not threads:
        return {}
    rows = db.session.execute(
        select(Reply.thread_id, Reply.id, Reply.appears_at).where(
            Reply.thread_id.in_(threads),
            Reply.appears_at <= now(),
            ~Reply.withdrawn,
            Reply.hidden.is_(None),
        )
    )
    found: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for thread_id, reply_id, appears_at in rows:
        found.setdefault(thread_id, []).append((reply_id, appears_at))
    return found


def _marks(readers: Sequence[bytes]) -> dict[bytes, ReadMark]:
    if not readers:
        return {}
    marks = db.session.scalars(select(ReadMark).where(ReadMark.reader.in_(readers)))
    return {mark.reader: mark for mark in marks}


def _mark(standing: Standing, thread_id: UUID) -> ReadMark | None:
    known = {"reader": _reader(standing, thread_id), "thread_id": thread_id}
    return db.session.scalar(_MARK, known)


def _reader(standing: Standing, thread_id: UUID) -> bytes:
    """Another in each thread. One for a circle would show which reader of one thread, where a
    mask waits, is the last to have written by name in another."""
    return standing.hand.mark(Mark.READER, thread_id)


def _start(standing: Standing) -> datetime:
    return datetime.combine(standing.since, time(), UTC)
