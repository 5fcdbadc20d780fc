"""A circle's activity over a year, in numbers that describe no single member.

The year is cut into spans of whole weeks. Each span lasts until it holds at least five posts of
each sort and five names; a remainder at the end joins the last span. So every number stands for
five or more, and a quiet week points to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions.models import Reply, Thread
from forum.policy.standing import Standing

BEHIND = 5  # posts of each sort, and names, behind each number
WEEK, WEEKS = timedelta(days=7), 52


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive weeks of a circle.

    threads, replies: a week. waited: median days from a thread to its first reply of another.
    """

    begins: date
    weeks: int
    threads: float
    replies: float
    waited: float

    @property
    def ends(self) -> date:
        """The span's last day."""
        return self.begins + self.weeks * WEEK - timedelta(days=1)


@dataclass(slots=True)
class _Week:
    threads: int = 0
    replies: int = 0
    waits: list[float] = field(default_factory=list)
    names: set[UUID] = field(default_factory=set)

    def __iadd__(self, other: "_Week") -> "_Week":
        self.threads += other.threads
        self.replies += other.replies
        self.waits += other.waits
        self.names |= other.names
        return self

    @property
    def is_enough(self) -> bool:
        return min(self.threads, self.replies, len(self.waits), len(self.names)) >= BEHIND


def year(standing: Standing) -> list[Span]:
    """Spans of the last 52 complete weeks, from the first week with a thread, oldest first.

    Empty for a circle with too few posts to fill a span.
    """
    first, _end = bounds()
    return _spans(first, _weeks(standing, first))


def bounds() -> tuple[date, date]:
    """First day of the last 52 complete weeks, and the day after their last."""
    today = now().date()
    end = today - timedelta(days=today.weekday())
    return end - WEEKS * WEEK, end


def _weeks(standing: Standing, first: date) -> list[_Week]:
    weeks = [_Week() for _ in range(WEEKS)]
    told = _rows(standing, Thread, Thread.id)
    began = {thread_id: (at, author_id) for thread_id, at, author_id in told}
    answered: dict[UUID, timedelta] = {}
    for thread_id, at, author_id in _rows(standing, Reply, Reply.thread_id):
        if week := _week_of(weeks, first, at.date()):
            week.replies += 1
            week.names.add(author_id)
        begun, presenter = began.get(thread_id, (at, author_id))
        if author_id != presenter:
            wait = at - begun
            answered[thread_id] = min(wait, answered.get(thread_id, wait))
    for thread_id, at, author_id in told:
        if week := _week_of(weeks, first, at.date()):
            week.threads += 1
            week.names.add(author_id)
            if thread_id in answered:
                week.waits.append(answered[thread_id] / timedelta(days=1))
    return weeks


def _rows(
    standing: Standing, kind: type[Thread] | type[Reply], thread: Any
) -> Sequence[tuple[UUID, datetime, UUID]]:
    asked: Select[Any] = select(thread, kind.appears_at, kind.author_id).where(
        kind.circle_id == standing.circle_id,
        kind.appears_at <= now(),
        ~kind.withdrawn,
        kind.hidden.is_(None),
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(asked)]


def _week_of(weeks: list[_Week], first: date, day: date) -> _Week | None:
    index = (day - first) // WEEK
    return weeks[index] if 0 <= index < len(weeks) else None


def _spans(first: date, weeks: list[_Week]) -> list[Span]:
    begun = next((index for index, week in enumerate(weeks) if week.threads), 0)
    cuts, held = [begun], _Week()
    for end, week in enumerate(weeks[begun:], start=begun + 1):
        held += week
        if held.is_enough:
            cuts.append(end)
            held = _Week()
    if len(cuts) == 1:
        return []
    cuts[-1] = len(weeks)
    return [_span(first, weeks, *ends) for ends in pairwise(cuts)]


def _span(first: date, weeks: list[_Week], begin: int, end: int) -> Span:
    whole = _Week()
    for week in weeks[begin:end]:
        whole += week
    number = end - begin
    return Span(
        begins=first + begin * WEEK,
        weeks=number,
        threads=round(whole.threads / number, 2),
        replies=round(whole.replies / number, 2),
        waited=round(median(whole.waits), 1),
    )
