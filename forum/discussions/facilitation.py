"""Rounds that wait for a facilitator: phases without a word, and rounds that nobody summed up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import inspect, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions import activity_report, courses
from forum.discussions.models import Reply, Thread
from forum.discussions.post_queries import as_of_now
from forum.policy.standing import Standing
from forum.policy.terms import Kind, Part
from forum.rounds.definitions import CLOSED
from forum.rounds.timeline import ClockState, Timeline

LOOKED_AT = timedelta(weeks=26)  # since the last word of a thread
YEAR = timedelta(weeks=78)  # the same, for rounds that closed within a year
MOST = 300  # threads, those with the latest word


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rounds that wait for a facilitator, by their latest word.

    silent: no reply in a phase that has been lengthened once. to_sum_up: at closing, and without a
    summary or thanks.
    """

    silent: list[tuple[Thread, Timeline]]
    to_sum_up: list[tuple[Thread, Timeline]]


def waiting(standing: Standing) -> Waiting:
    """Rounds of a circle that wait for a facilitator, computed from what all members see.

    Two statements, however many rounds there are.
    """
    lately = _rounds(standing, now() - LOOKED_AT)
    open_rounds = [each for each in lately if each[1].now.state is ClockState.RUNNING]
    return Waiting(
        [each for each in open_rounds if each[1].silent],
        [each for each in open_rounds if _is_to_sum_up(each[1])],
    )


def running_until(standing: Standing) -> dict[str, datetime]:
    """End of the last running round of each key, if nobody moves it. Two statements."""
    found: dict[str, datetime] = {}
    for _thread, timeline in _rounds(standing, now() - LOOKED_AT):
        ends = next((each.begins for each in timeline.coming if each.phase is CLOSED), None)
        if ends and timeline.now.state is ClockState.RUNNING:
            key = timeline.now.round.key
            found[key] = max(ends, found.get(key, ends))
    return found


def closed_in_year(standing: Standing) -> int:
    """Number of threads whose round closed in the weeks of activity_report.year; 0 below BEHIND.

    A round that was opened again counts once.
    """
    first, end = activity_report.bounds()
    closed = sum(
        any(
            span.state is ClockState.CLOSED and first <= span.begins.date() < end
            for span in timeline.spans
            if span.begins <= timeline.moment
        )
        for _thread, timeline in _rounds(standing, now() - YEAR)
    )
    return closed if closed >= activity_report.BEHIND else 0


def _rounds(standing: Standing, since: datetime) -> Iterator[tuple[Thread, Timeline]]:
    moved = Thread.moved_at >= since, Thread.appears_at <= now()
    in_round = inspect(Thread).local_table.c.course.is_not(None)
    here = select(Thread).where(Thread.circle_id == standing.circle_id, *moved, in_round)
    shown = here.where(~Thread.withdrawn, Thread.hidden.is_(None))
    latest = shown.order_by(Thread.moved_at.desc(), Thread.id).limit(MOST)
    threads = [each for each in db.session.scalars(latest) if each.course]
    rows = _reply_rows(standing, [each.id for each in threads])
    for thread in threads:
        if not as_of_now(thread).withdrawn:
            counts = courses.counted(rows.get(thread.id, ()))
            yield thread, courses.timeline_now(standing, thread, counts)


def _reply_rows(
    standing: Standing, ids: list[UUID]
) -> dict[UUID, list[tuple[tuple[int | None, Kind], int]]]:
    """Step and kind of each visible reply, by thread."""
    found: dict[UUID, list[tuple[tuple[int | None, Kind], int]]] = {}
    there = Reply.circle_id == standing.circle_id, Reply.thread_id.in_(ids)
    filed = select(Reply.thread_id, Reply.step, Reply.kind).where(*there)
    rows = db.session.execute(filed.where(Reply.appears_at <= now()))
    for thread_id, step, kind in rows:
        found.setdefault(thread_id, []).append(((step, kind), 1))
    return found


def _is_to_sum_up(timeline: Timeline) -> bool:
    """Whether today's phase asks a facilitator for a word that none has written."""
    asked = timeline.now.phase.kinds(Part.FACILITATOR)
    return bool(asked) and timeline.written(*asked) == 0
