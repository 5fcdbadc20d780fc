"""What a member has read: kept under a key of their hand, so that no row says who read what.

A mark holds the thread's `stirred` as it was when last read, and the ids of the posts seen. While
`stirred` has not moved nothing is new, and nothing is looked into. A count or an hour would not
do: masked posts land between others.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions.models import ReadMark, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import Mark

LOOKED_AT = 200  # threads in one look for news, those that moved last


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
        mark = ReadMark(circle_id=standing.circle_id, thread_id=thread_id, reader=_reader(standing))
        db.session.add(mark)
    mark.seen = sorted(post_id.hex for post_id in seen)
    mark.stirred = stirred


def news(standings: Sequence[Standing], threads: Iterable[UUID] | None = None) -> list[News]:
    """What is new to a member in their circles, what moved last first; in these threads only,
    if they are given. What was said before they joined is not new."""
    readers = {standing.circle_id: _reader(standing) for standing in standings}
    since = {standing.circle_id: _start(standing) for standing in standings}
    if not readers:
        return []
    marks = and_(ReadMark.thread_id == Thread.id, ReadMark.reader.in_(readers.values()))
    last = func.coalesce(func.max(Reply.appears_at), Thread.appears_at).label("last")
    asked = (
        select(Thread.id, Thread.circle_id, Thread.appears_at, last, ReadMark)
        .outerjoin(ReadMark, marks)
        .outerjoin(Reply, and_(Reply.thread_id == Thread.id, Reply.appears_at <= now()))
        .where(Thread.circle_id.in_(readers), Thread.appears_at <= now())
        .where(or_(ReadMark.stirred.is_(None), ReadMark.stirred != Thread.stirred))
        .group_by(Thread.id, ReadMark.id)
        .having(last >= min(since.values()))
        .order_by(last.desc(), Thread.id)
        .limit(LOOKED_AT)
    )
    if threads is not None:
        asked = asked.where(Thread.id.in_(threads))
    moved = db.session.execute(asked).all()
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


def _mark(standing: Standing, thread_id: UUID) -> ReadMark | None:
    return db.session.scalar(
        select(ReadMark).filter_by(reader=_reader(standing), thread_id=thread_id)
    )


def _reader(standing: Standing) -> bytes:
    return standing.hand.mark(Mark.READER, standing.circle_id)


def _start(standing: Standing) -> datetime:
    return datetime.combine(standing.since, time(), UTC)
