"""Restrictions on posts and names: hide, show again, lock, mute. The caller has asked the rules."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from forum.authors.models import Author
from forum.circles.locks import draw_revision, lock_circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.events import record
from forum.discussions import courses, visibility
from forum.discussions.events import TextWithdrawn
from forum.discussions.models import Muted, Post, Thread
from forum.discussions.posts import mark_changed, thread_of
from forum.policy.standing import Standing
from forum.policy.terms import Hidden

HELP_FOR = timedelta(days=7)


def hide(standing: Standing, post: Post, why: Hidden, places: Collection[int] = ()) -> None:
    """Hide a post's text: see `visibility.hide`."""
    draw_revision(standing)
    visibility.hide(post, why, places)
    _hold(standing, post)
    mark_changed(post.circle_id, thread_of(post))
    record(TextWithdrawn(standing.circle_id))


def show_again(standing: Standing, post: Post) -> bool:
    """Show a hidden post again; returns whether its author changed the text meanwhile."""
    draw_revision(standing)
    changed = visibility.show(post)
    _hold(standing, post)
    mark_changed(post.circle_id, thread_of(post))
    return changed


def lock(standing: Standing, thread: Thread, *, locked: bool, reason: str = "") -> None:
    """Close a thread to further replies, or open it again. reason: for all readers."""
    draw_revision(standing)
    thread.locked, thread.lock_reason = locked, reason
    _hold(standing, thread)


def show_help(standing: Standing, thread: Thread, *, shown: bool) -> None:
    """Show the help panel above a thread for HELP_FOR, to every reader, or take it away."""
    lock_circle(standing.circle_id)
    thread.help_until = (now().date() + HELP_FOR).isoformat() if shown else ""
    here = Thread.circle_id == standing.circle_id
    without = select(Thread).where(here, Thread._help_until.is_(None))  # type: ignore[attr-defined]  # the column behind a sealed value
    for each in db.session.scalars(without):  # threads of an earlier release: a lone value would
        each.help_until = ""  # tell a thief for which thread a moderator feared


def mute(standing: Standing, thread: Thread, name: Author, *, muted: bool) -> bool:
    """Ask the holder of a name to pause in a thread, or lift the pause; returns whether that
    changes anything."""
    lock_circle(standing.circle_id)
    place = {"circle_id": standing.circle_id, "thread_id": thread.id, "author_id": name.id}
    there = db.session.scalar(select(Muted).filter_by(**place))
    if muted and not there:
        db.session.add(Muted(**place))
    if there and not muted:
        db.session.delete(there)
    return muted is not bool(there)


def _hold(standing: Standing, post: Post) -> None:
    """Let the clock of a thread's round stand while its opening is hidden or the thread locked."""
    if isinstance(post, Thread):
        courses.hold(standing, post, held=post.locked or post.hidden is not None)
