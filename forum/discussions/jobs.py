"""The worker's jobs for threads: posts that appear at a slot, changes that are due, old drafts.

What waits for a slot changes no row but its own. At the slot the worker marks the threads in which
something appeared, once for all of it, and the circle. Until then readers go by `appears_at`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, true

from forum import markup
from forum.authors.models import Author
from forum.circles import queries as circles
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.mask_schedule import next_slot
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.discussions import drafts, posts, queries
from forum.discussions.models import Post, Reply, Thread
from forum.policy.standing import Standing
from forum.policy.terms import MASKS

BATCH_SIZE = 50  # posts put in order in one transaction
KINDS: tuple[type[Post], ...] = (Thread, Reply)


def settle() -> dict[str, int]:
    """See to every circle's slot, render anew what an older renderer made, purge old drafts.

    Returns how many of each: "changes", "rendered", "drafts". To be called again and again.
    """
    done = {"changes": 0, "rendered": 0, "drafts": 0}
    for standing in circles.every():
        done["changes"] += publish(standing)
        with unit_of_work():
            done["rendered"] += _render(standing)
        with unit_of_work():
            done["drafts"] += drafts.purge(standing)
    return done


def publish(standing: Standing) -> int:
    """Make the changes that wait for a circle's slot, once it is due, and mark what appeared.

    Returns the number of changes made. Where the slot is yet to come nothing is looked at. The
    slot counts as seen to once nothing that is due is left.
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
    """Make some of the changes that are due; returns their number."""
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
    """Draw the mark of each thread in which a masked post appeared, and name the next slot."""
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    threads = _appeared(standing, home.slot_due_at)
    for thread_id in threads:
        posts.mark_changed(thread_id)
    if threads:
        draw_revision(standing)
    waits = queries.next_change(standing)
    home.slot_due_at = min(filter(None, (next_slot(now(), *home.mask_schedule), waits)))


def _appeared(standing: Standing, since: datetime | None) -> list[UUID]:
    """The threads in which a masked post appeared between a slot, itself included, and now."""
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
            kind.circle_id == standing.circle_id, kind.renderer != markup.VERSION
        )
        for post in db.session.scalars(older.limit(BATCH_SIZE)):
            post.html, post.renderer = markup.render(post.body), markup.VERSION
            found += 1
    return found
