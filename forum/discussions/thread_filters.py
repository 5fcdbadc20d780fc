"""A circle's threads by page, all or those of a filter.

"Mine" goes by everyday names alone: what its owner wrote behind a mask stands under Your posts,
after the password.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, bindparam, cast, func, or_, select

from forum.authors.models import Author
from forum.authors.queries import everyday_keys
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.db import db
from forum.discussions import read_marks
from forum.discussions.models import Reply, Thread
from forum.policy.standing import Standing

THREADS_EACH = 30  # threads on one page of a circle
WAITING = 3  # threads without a reply shown first
# Columns of tables, not of objects: the session prepares these at half the cost.
_T, _R, _A = (each.__table__.c for each in (Thread, Reply, Author))
_HERE = (_T.circle_id == bindparam("circle_id"), _T.appears_at <= bindparam("now"))
_FIRST = select(func.min(_T.appears_at)).where(*_HERE)


class Show(StrEnum):
    """Filters of a circle's page, besides years and topics."""

    UNREAD = "unread"
    UNANSWERED = "unanswered"
    MINE = "mine"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class ThreadFilter:
    """A filter as asked for. topic: one of the circle's. All of them unset: every thread."""

    show: Show | None = None
    year: int | None = None
    topic: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.show or self.year or self.topic)


@dataclass(frozen=True, slots=True)
class Line:
    """A thread's place in its circle's list. last: when its latest visible post appeared."""

    id: UUID
    last: datetime
    replies: int


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of threads. total: of all pages. first_year: in which the circle's oldest thread
    appeared; None without one. waiting: ids of open threads without a reply, unordered, a few more
    than WAITING, since some may ask for none."""

    lines: list[Line]
    total: int
    first_year: int | None
    waiting: list[UUID]


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    """Conditions: an open thread without a reply to be read by anybody but its presenter."""
    there = _R.circle_id == _T.circle_id, _R.thread_id == _T.id, _R.appears_at <= bindparam("now")
    shown = ~_R.withdrawn, _R.hidden.is_(None)
    answered = select(_R.id).where(*there, *shown, _R.author_id != _T.author_id).exists()
    return ~_T.withdrawn, _T.hidden.is_(None), ~_T.locked, ~answered


def _waiting() -> ColumnElement[str]:
    """Column: ids in hex of open threads without a reply, the longest waiting."""
    found = select(_T.id).where(*_HERE, *_unanswered())
    oldest = found.order_by(_T.appears_at, _T.id).limit(3 * WAITING).subquery()
    ids = func.replace(cast(oldest.c.id, String), "-", "")
    return select(func.aggregate_strings(ids, ",")).scalar_subquery()


def _lines() -> Select[Any]:
    """The statement of `lines`, without a filter: built once, since building costs as much as
    running."""
    replies = (
        select(
            _R.thread_id,
            func.max(_R.appears_at).filter(~_R.withdrawn).label("last"),
            func.count().filter(~_R.withdrawn).label("number"),
        )
        .where(_R.circle_id == bindparam("circle_id"), _R.appears_at <= bindparam("now"))
        .group_by(_R.thread_id)
        .subquery()
    )
    last = func.coalesce(replies.c.last, _T.appears_at)
    number = func.coalesce(replies.c.number, 0)
    return (
        select(_T.id, last, number, func.count().over(), _FIRST.scalar_subquery(), _waiting())
        .outerjoin(replies, replies.c.thread_id == _T.id)
        .where(*_HERE)
        .order_by(last.desc(), _T.id)
        .limit(THREADS_EACH)
        .offset(bindparam("skipped"))
    )


_LINES = _lines()


def lines(
    standing: Standing, chosen: ThreadFilter, page: int, unread: Collection[UUID] = ()
) -> Lines:
    """A page of the circle's threads, latest activity first; within the hour by their random id.
    What was withdrawn is no activity.

    page: from 1. unread: ids of the reader's unread threads, for that filter.
    """
    chosen_only = _wanted(standing, chosen, unread)
    asked = _LINES.where(*chosen_only) if chosen_only else _LINES
    known = {"circle_id": standing.circle_id, "now": now()}
    rows = db.session.execute(asked, known | {"skipped": (page - 1) * THREADS_EACH}).all()
    found = [Line(thread_id, when, count) for thread_id, when, count, *_ in rows]
    *_, total, earliest, waits = rows[0] if rows else (0, None, "")
    if chosen_only:  # which may find none: asked for in either case
        earliest = db.session.scalar(_FIRST, known)
    waiting = [*map(UUID, filter(None, (waits or "").split(",")))]
    return Lines(found, total, earliest.year if earliest else None, waiting)


def _wanted(
    standing: Standing, chosen: ThreadFilter, unread: Collection[UUID]
) -> Sequence[ColumnElement[bool]]:
    if chosen.year:
        start = datetime(chosen.year, 1, 1, tzinfo=UTC)
        return _T.appears_at >= start, _T.appears_at < start.replace(year=start.year + 1)
    if chosen.topic:
        return (_T.id.in_(_about(standing, chosen.topic)),)
    match chosen.show:
        case Show.UNREAD:
            return (_T.id.in_(unread),)
        case Show.UNANSWERED:
            return _unanswered()
        case Show.MINE:
            keys = _A.circle_id == standing.circle_id, _A.holder_key.in_(everyday_keys(standing))
            mine = select(_A.id).where(*keys)
            written = select(_R.thread_id).where(
                *(_R.circle_id == bindparam("circle_id"), _R.appears_at <= bindparam("now")),
                *(_R.author_id.in_(mine), ~_R.withdrawn),
            )
            began = _T.author_id.in_(mine) & ~_T.withdrawn
            return (or_(began, _T.id.in_(written)),)
        case Show.SAVED:
            kept = read_marks.saved([standing])
            return (_T.id.in_([mark.thread_id for mark in kept]),)
        case _:
            return ()


def _about(standing: Standing, topic: str) -> list[UUID]:
    """Threads of a topic. Topics are sealed, and so opened one by one: no index shows a thief which
    threads share one."""
    column = Thread.__table__.c.topics
    here = Thread.circle_id == standing.circle_id, Thread.appears_at <= now(), column.is_not(None)
    rows = db.session.execute(select(Thread.id, column).where(*here)).all()
    opened = Thread.topics.opener("thread", standing.circle_id)
    return [row.id for row in rows if topic in opened(row.id, row.topics)]


def asked(home: Circle, show: str, year: str, topic: str) -> ThreadFilter:
    """A filter from the address; unknown values choose nothing. topic: its number in the circle's
    list, since no address carries words."""
    if show in set(Show):
        return ThreadFilter(show=Show(show))
    if _digits(year) and len(year) == 4 and 2000 <= int(year) <= now().year:
        return ThreadFilter(year=int(year))
    if _digits(topic) and len(topic) <= 3 and int(topic) < len(home.topics):
        return ThreadFilter(topic=home.topics[int(topic)])
    return ThreadFilter()


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()
