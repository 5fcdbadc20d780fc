"""The worker's jobs for threads: posts appearing at a slot, pending changes, old drafts.

A post waiting for its slot changes no row but its own. At the slot the worker draws a new change id
for the circle and for each thread in which a post appeared. Until then readers go by `appears_at`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import inspect, select, true

from forum import markup
from forum.authors.models import Author
from forum.circles import queries as circles
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.mask_schedule import next_slot
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.discussions import drafts, name_notes, post_queries, posts, visibility
from forum.discussions.models import GIST_MAX, Post, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import MASKS

BATCH_SIZE = 50  # posts in a transaction
KINDS: tuple[type[Post], ...] = (Thread, Reply)


def settle() -> dict[str, int]:
    """See to every circle's slot, render anew what an older release made, purge drafts and notes.

    Returns how many of each: "changes", "rendered", "drafts", "notes", "erased". To be called
    repeatedly.
    """
    done = {"changes": 0, "rendered": 0, "drafts": 0, "notes": 0, "erased": 0}
    for standing in circles.every():
        done["changes"] += publish(standing)
        with unit_of_work():
            done["rendered"] += _render(standing)
        with unit_of_work():
            done["drafts"] += drafts.purge(standing)
        with unit_of_work():
            done["notes"] += name_notes.purge(standing)
    done["erased"] = erase()
    return done


def erase() -> int:
    """Erase texts withdrawn by name whose withdrawal can no longer be undone; gives their number.

    Nothing that is shown changes, so no thread moves and no revision is drawn.
    """
    erased = 0
    for kind in KINDS:
        due = select(kind).where(kind.undo_window == visibility.erasable())
        while True:
            with unit_of_work():
                found = db.session.scalars(due.limit(BATCH_SIZE)).all()
                for post in found:
                    lock_circle(post.circle_id)
                    posts.erase(post)
            erased += len(found)
            if len(found) < BATCH_SIZE:
                break
    return erased


def publish(standing: Standing) -> int:
    """Apply the changes pending for a circle's slot, and mark the threads in which posts appeared.

    Returns the number of changes. Reads nothing before the slot; the slot is settled once every due
    change is applied.
    """
    home = circles.circle(standing)
    if not home.is_behind:
        return 0
    changes = 0
    while batch := _make_changes(standing):
        changes += batch
    with unit_of_work():
        _mark_appeared(standing)
    return changes


def _make_changes(standing: Standing) -> int:
    """Apply a batch of due changes; returns their number."""
    with unit_of_work():
        lock_circle(standing.circle_id)
        found = 0
        for kind in KINDS:
            due = select(kind).where(kind.circle_id == standing.circle_id, kind.change_at <= now())
            for post in db.session.scalars(due.order_by(kind.id).limit(BATCH_SIZE)):
                posts.take_on(post)
                posts.mark_changed(post.thread_id if isinstance(post, Reply) else post.id)
                found += 1
        if found:
            draw_revision(standing)
        return found


def _mark_appeared(standing: Standing) -> None:
    """Draw the change id of each thread in which a masked post appeared, and set the next slot."""
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    threads = _appeared(standing, home.slot_due_at)
    for thread_id in threads:
        posts.mark_changed(thread_id)
    if threads:
        draw_revision(standing)
    waits = post_queries.next_change(standing)
    home.slot_due_at = min(filter(None, (next_slot(now(), *home.mask_schedule), waits)))


def _appeared(standing: Standing, since: datetime | None) -> list[UUID]:
    """Threads in which a masked post appeared from a slot (inclusive) until now."""
    found: set[UUID] = set()
    for kind, thread in ((Thread, Thread.id), (Reply, Reply.thread_id)):
        lately = kind.appears_at >= since if since else true()
        masked = (
            select(thread)
            .join(Author, Author.id == kind.author_id)
            .where(kind.circle_id == standing.circle_id, kind.appears_at <= now())
            .where(lately, Author.mode.in_(MASKS))
        )
        found.update(db.session.scalars(masked))
    return sorted(found)


def _render(standing: Standing) -> int:
    found = 0
    for kind in KINDS:
        older = select(kind).where(
            kind.circle_id == standing.circle_id,
            (kind.renderer != markup.VERSION) | inspect(kind).local_table.c.gist.is_(None),
        )
        for post in db.session.scalars(older.limit(BATCH_SIZE)):
            post.html, post.renderer = markup.render(post.body), markup.VERSION
            post.gist = markup.first_line(post.html, GIST_MAX)
            found += 1
    return found
