"""What a member has read: kept under a key of their hand, so that no row says who read what.

A mark holds the thread's `stirred` as it was when last read, and the ids of the posts seen. While
`stirred` has not moved nothing is new, and nothing is looked into. A count or an hour would not
do: masked posts land between others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import and_, func, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions.models import ReadMark, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import Mark

LOOKED_AT = 200  # threads in one look for news, those that moved last
ASKED_AT_ONCE = 500  # marks in one statement


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
        db.session.add(mark)
    mark.seen = sorted(post_id.hex for post_id in seen)
    mark.stirred = stirred


def news(standings: Sequence[Standing], threads: Iterable[UUID] | None = None) -> list[News]:
    """What is new to a member in their circles, what moved last first; in these threads only,
    if they are given. What was said before they joined is not new."""
    by_circle = {standing.circle_id: standing for standing in standings}
    since = {standing.circle_id: _start(standing) for standing in standings}
    if not by_circle:
        return []
    readers = _readers(by_circle, threads)
    unread = readers.keys() - _read(list(readers.values()))
    if not unread:
        return []
    theirs = [readers[thread_id] for thread_id in unread]
    marks = and_(ReadMark.thread_id == Thread.id, ReadMark.reader.in_(theirs))
    last = func.coalesce(func.max(Reply.appears_at), Thread.appears_at).label("last")
    moved = db.session.execute(
        select(Thread.id, Thread.circle_id, Thread.appears_at, last, ReadMark)
        .outerjoin(ReadMark, marks)
        .outerjoin(Reply, and_(Reply.thread_id == Thread.id, Reply.appears_at <= now()))
        .where(Thread.id.in_(unread), Thread.circle_id.in_(by_circle), Thread.appears_at <= now())
        .group_by(Thread.id, ReadMark.id)
        .having(last >= min(since.values()))
        .order_by(last.desc(), Thread.id)
        .limit(LOOKED_AT)
    ).all()
    visible = _visible([row.id for row in moved])
    found = []
    for thread_id, circle_id, began, latest, mark in moved:
        known = set(mark.seen) if mark else set()
        posts = [(thread_id, began), *visible.get(thread_id, [])]
        fresh = sum(
            post_id.hex not in known and appears_at >= since[circle_id]
            for post_id, appears_at in posts
        )
        if fresh:
            found.append(News(circle_id, thread_id, fresh, latest))
    return found


def _visible(threads: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, datetime]]]:
    rows = db.session.execute(
        select(Reply.thread_id, Reply.id, Reply.appears_at).where(
            Reply.thread_id.in_(threads), Reply.appears_at <= now(), ~Reply.withdrawn
        )
    )
    found: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for thread_id, reply_id, appears_at in rows:
        found.setdefault(thread_id, []).append((reply_id, appears_at))
    return found


def _readers(
    by_circle: Mapping[UUID, Standing], threads: Iterable[UUID] | None
) -> dict[UUID, bytes]:
    """Thread -> the key of this member's mark in it."""
    if threads is not None and len(by_circle) == 1:
        [standing] = by_circle.values()
        return {thread_id: _reader(standing, thread_id) for thread_id in threads}
    there = select(Thread.id, Thread.circle_id).where(
        Thread.circle_id.in_(by_circle), Thread.appears_at <= now()
    )
    if threads is not None:
        there = there.where(Thread.id.in_(threads))
    return {
        thread_id: _reader(by_circle[circle_id], thread_id)
        for thread_id, circle_id in db.session.execute(there)
    }


def _read(readers: Sequence[bytes]) -> set[UUID]:
    """The threads that had nothing new since; asked in parts, as engines want."""
    as_it_was = and_(Thread.id == ReadMark.thread_id, Thread.stirred == ReadMark.stirred)
    found: set[UUID] = set()
    for first in range(0, len(readers), ASKED_AT_ONCE):
        some = ReadMark.reader.in_(readers[first : first + ASKED_AT_ONCE])
        found.update(
            db.session.scalars(select(ReadMark.thread_id).join(Thread, as_it_was).where(some))
        )
    return found


def _mark(standing: Standing, thread_id: UUID) -> ReadMark | None:
    reader = _reader(standing, thread_id)
    return db.session.scalar(select(ReadMark).filter_by(reader=reader, thread_id=thread_id))


def _reader(standing: Standing, thread_id: UUID) -> bytes:
    """Another in each thread. One for a circle would show which reader of one thread, where a
    mask waits, is the last to have written by name in another."""
    return standing.hand.mark(Mark.READER, thread_id)


def _start(standing: Standing) -> datetime:
    return datetime.combine(standing.since, time(), UTC)
