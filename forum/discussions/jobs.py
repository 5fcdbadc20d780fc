"""The worker's jobs for threads: posts appearing at a slot, pending changes, old drafts, erasure.

A post waiting for its slot changes no row but its own. At the slot the worker draws a new change id
for the circle and for each thread in which a post appeared. Until then readers go by `appears_at`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, inspect, select, union

from forum import markup
from forum.authors.models import Author
from forum.circles import conversations
from forum.circles import queries as circles
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.mask_schedule import next_slot
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.db import db, has_primary_key, primary_keys, unit_of_work
from forum.core.fences import fence
from forum.discussions import drafts, name_notes, post_queries, posts, retention, visibility
from forum.discussions.models import GIST_MAX, Post, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import MASKS

Key = tuple[Any, ...]
BATCH_SIZE = 50  # posts in a transaction
KINDS: tuple[type[Post], ...] = (Thread, Reply)
BEGINNING = datetime.min.replace(tzinfo=UTC)  # before every post


def settle() -> dict[str, int]:
    """See to every circle's slot, render anew what an older release made, purge drafts and notes.

    Returns how many of each: "changes", "told", "rendered", "drafts", "notes". To be called
    repeatedly.
    """
    done = dict.fromkeys(("changes", "told", "rendered", "drafts", "notes"), 0)
    behind = circles.behind()
    to_tell = retention.circles_to_tell() if behind else set()
    for standing in circles.among(behind):
        with fence("discussions.settled"):
            done["changes"] += publish(standing)
            if standing.circle_id in to_tell:
                done["told"] += retention.tell(standing)
    for name, due, act in PURGES:
        for standing in circles.among(due()):
            with fence("discussions.settled"), unit_of_work():
                lock_circle(standing.circle_id)  # what is read stays so until it is written
                done[name] += act(standing)
    return done


def rest_conversations() -> int:
    """Let conversations rest whose last word was long ago; returns their number."""
    rested = 0
    for circle_id in conversations.awake():
        last = select(func.max(Thread.moved_at)).where(Thread.circle_id == circle_id)
        with fence("conversations.rested"), unit_of_work():
            rested += conversations.rest(circle_id, db.session.scalar(last))
    return rested


def erase() -> int:
    """Erase texts withdrawn by name whose withdrawal can no longer be undone; gives their number.

    Nothing that is shown changes, so no thread moves and no revision is drawn.
    """
    erased = 0
    for kind in KINDS:
        is_due = kind.undo_window == visibility.erasable()
        due = sorted(primary_keys(kind, is_due))
        for circle_id, keys in groupby(due, itemgetter(0)):
            for some in _in_parts([*keys]):
                with fence("discussions.erased"), unit_of_work():
                    lock_circle(circle_id)
                    found = db.session.scalars(
                        select(kind).where(is_due, has_primary_key(kind, some))
                    )
                    for post in found.all():
                        posts.erase(post)
                        erased += 1
    return erased


def _in_parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), BATCH_SIZE):
        yield keys[start : start + BATCH_SIZE]


def publish(standing: Standing) -> int:
    """Apply the changes pending for a circle's slot, and mark the threads in which posts appeared.

    Returns the number of changes. Reads nothing before the slot; the slot is settled once every due
    change is applied.
    """
    changes, batch = 0, 1
    while batch:
        with unit_of_work():
            lock_circle(standing.circle_id)
            home = db.session.get_one(Circle, standing.circle_id)
            if not home.is_behind:
                break
            batch = _make_changes(standing)
            if not batch:  # in one transaction, so that no change falls due between the two
                _mark_appeared(standing, home)
        changes += batch
    return changes


def _make_changes(standing: Standing) -> int:
    """Apply a batch of due changes; returns their number."""
    ids = db.session.scalars(_DUE, {"circle_id": standing.circle_id, "now": now()}).all()
    for kind in KINDS if ids else ():
        these = select(kind).where(kind.circle_id == standing.circle_id, kind.id.in_(ids))
        for post in db.session.scalars(these.order_by(kind.id)):
            posts.apply_pending_change(post)
            posts.mark_changed(post.circle_id, posts.thread_of(post))
    if ids:
        draw_revision(standing)
    return len(ids)


def _mark_appeared(standing: Standing, home: Circle) -> None:
    """Draw the change id of each thread in which a masked post appeared, and set the next slot."""
    threads = _appeared(standing, home.slot_due_at)
    for thread_id in threads:
        posts.mark_changed(standing.circle_id, thread_id)
    if threads:
        draw_revision(standing)
    waits = post_queries.next_change(standing)
    home.slot_due_at = min(filter(None, (next_slot(now(), *home.mask_schedule), waits)))


def _appeared(standing: Standing, since: datetime | None) -> list[UUID]:
    """Threads in which a masked post appeared from a slot (inclusive) until now."""
    known = {"circle_id": standing.circle_id, "now": now(), "since": since or BEGINNING}
    return sorted(db.session.scalars(_APPEARED, known))


def _is_older(kind: type[Post]) -> ColumnElement[bool]:
    """Whether a post was rendered by an older release."""
    has_no_gist: ColumnElement[bool] = inspect(kind).local_table.c.gist.is_(None)
    return (kind.renderer != markup.VERSION) | has_no_gist


def _circles_to_render() -> set[UUID]:
    """Ids of circles with a post of an older release."""
    asked = (select(kind.circle_id).where(_is_older(kind)).distinct() for kind in KINDS)
    return {circle_id for each in asked for circle_id in db.session.scalars(each)}


def _render(standing: Standing) -> int:
    found = 0
    for kind in KINDS:
        older = select(kind).where(kind.circle_id == standing.circle_id, _is_older(kind))
        for post in db.session.scalars(older.limit(BATCH_SIZE)):
            post.html, post.renderer = markup.render(post.body), markup.VERSION
            post.gist = markup.first_line(post.html, GIST_MAX)
            found += 1
    return found


def _masked(kind: type[Post], thread: Any) -> Any:
    """Statement: threads of a circle in which a masked post of a kind appeared since a moment."""
    there = kind.circle_id == bindparam("circle_id"), kind.appears_at <= bindparam("now")
    lately = kind.appears_at >= bindparam("since"), Author.mode.in_(MASKS)
    return select(thread).join(kind.author).where(*there, *lately)


# Built once, since a slot runs them for every circle.
_CHANGING = (
    select(kind.id).where(
        kind.circle_id == bindparam("circle_id"), kind.change_at <= bindparam("now")
    )
    for kind in KINDS
)
_DUE = union(*_CHANGING).limit(BATCH_SIZE)
_APPEARED = union(_masked(Thread, Thread.id), _masked(Reply, Reply.thread_id))
PURGES: tuple[tuple[str, Callable[[], set[UUID]], Callable[[Standing], int]], ...] = (
    ("rendered", _circles_to_render, _render),
    ("drafts", drafts.circles_to_purge, drafts.purge),
    ("notes", name_notes.circles_to_purge, name_notes.purge),
)
