"""What the worker puts in order: whatever is due by now, read from the database."""

from sqlalchemy import select

from forum import markup
from forum.circles import queries as circles
from forum.circles.services import take_revision
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.discussions import drafts, services
from forum.discussions.models import Post, Reply, Thread
from forum.policy.standing import Standing

AT_ONCE = 200  # posts put in order in one transaction


def settle() -> dict[str, int]:
    """Put due changes in their place, render anew what an older renderer made, purge old drafts.

    Returns how many of each: "changes", "rendered", "drafts". To be called again and again.
    """
    done = {"changes": 0, "rendered": 0, "drafts": 0}
    for standing in circles.every():
        with unit_of_work():
            done["changes"] += _take_on_changes(standing)
        with unit_of_work():
            done["rendered"] += _render(standing)
        with unit_of_work():
            done["drafts"] += drafts.purge(standing)
    return done


def _take_on_changes(standing: Standing) -> int:
    found = 0
    kinds: tuple[type[Post], ...] = (Thread, Reply)
    for kind in kinds:
        due = select(kind).where(kind.circle_id == standing.circle_id, kind.later_at <= now())
        for post in db.session.scalars(due.limit(AT_ONCE)):
            take_revision(standing)
            services.take_on(post)
            found += 1
    return found


def _render(standing: Standing) -> int:
    found = 0
    kinds: tuple[type[Post], ...] = (Thread, Reply)
    for kind in kinds:
        older = select(kind).where(
            kind.circle_id == standing.circle_id, kind.renderer != markup.VERSION
        )
        for post in db.session.scalars(older.limit(AT_ONCE)):
            _render_one(post)
            found += 1
    return found


def _render_one(post: Post) -> None:
    post.html, post.renderer = markup.render(post.body), markup.VERSION
