"""Actions of a presenter: next steps of their own, and the day for telling how each went.

The day stands sealed in the action's own row and goes the way of its words: behind a hidden name it
shows, changes and leaves at slots.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from forum.circles.queries import circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.discussions.models import Reply, Thread
from forum.discussions.post_queries import as_of_now, in_thread
from forum.policy.standing import Standing
from forum.policy.terms import RoundKind

WITHIN = timedelta(days=366)  # of today


@dataclass(frozen=True, slots=True)
class Action:
    """An action as its presenter reads it again. report_on: None without a day."""

    gist: str = field(repr=False)
    report_on: date | None


def day_to_report(standing: Standing, day: str) -> str:
    """The day of a new action, or "". Raises InvalidInput (report_on) before tomorrow and after
    WITHIN."""
    today = now().astimezone(circle(standing).zone).date()
    if day and not today < date.fromisoformat(day) <= today + WITHIN:
        raise InvalidInput(report_on=_("Choose a day from tomorrow on, within a year."))
    return day


def amended_day(standing: Standing, post: Reply, day: str) -> str:
    """The day of a changed action: an unchanged day may have passed. "" for further kinds."""
    if post.kind is not RoundKind.ACTION:
        return ""
    known = {post.report_on, (post.pending_content or {}).get("report_on", "")}
    return day if day in known else day_to_report(standing, day)


def days_of(circle_ids: Collection[UUID], threads: Collection[UUID]) -> dict[UUID, list[date]]:
    """Days of the visible actions of these threads' presenters, by thread. circle_ids: of all."""
    found: dict[UUID, list[date]] = {}
    actions = (
        select(Reply)
        .join(Thread, (Thread.circle_id == Reply.circle_id) & (Thread.id == Reply.thread_id))
        .where(Reply.circle_id.in_(circle_ids), Reply.thread_id.in_(threads))
        .where(Reply.author_id == Thread.author_id)
        .where(Reply.kind == RoundKind.ACTION, Reply.appears_at <= now(), Reply.hidden.is_(None))
    )
    for each in map(as_of_now, db.session.scalars(actions)):
        if each.report_on and not each.withdrawn:
            found.setdefault(each.thread_id, []).append(date.fromisoformat(each.report_on))
    return found


def of_presenter(thread: Thread) -> list[Action]:
    """Visible actions of a thread's presenter, oldest first."""
    theirs = Reply.author_id == thread.author_id, Reply.kind == RoundKind.ACTION
    there = *in_thread(thread), Reply.appears_at <= now(), Reply.hidden.is_(None)
    rows = db.session.scalars(select(Reply).where(*there, *theirs, ~Reply.withdrawn))
    found = sorted(map(as_of_now, rows), key=lambda each: (each.appears_at, each.id))
    return [
        Action(each.gist, date.fromisoformat(each.report_on) if each.report_on else None)
        for each in found
        if not each.withdrawn
    ]
