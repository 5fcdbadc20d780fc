"""The thread that a circle shows first, as a welcome."""

from uuid import UUID

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles.locks import lock_circle
from forum.circles.models import Circle
from forum.core.db import db
from forum.discussions import thread_queries
from forum.policy import may, require
from forum.policy.standing import Standing


def pin(standing: Standing, thread_id: UUID | None, *, instead_of: UUID | None = None) -> None:
    """Pin a thread in place of the one before, or none.

    instead_of: with None for `thread_id`, the thread to unpin; another one that a moderator pinned
    meanwhile stays. Raises NotFound for a thread that the circle does not show.
    """
    require(may.keep_safe(standing))
    lock_circle(standing.circle_id)
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    if thread_id is None and instead_of not in (None, home.pinned_thread_id):
        return
    if thread_id == home.pinned_thread_id:
        return
    about = thread_id or home.pinned_thread_id
    assert about is not None  # noqa: S101  # for the type checker: the two differ
    shown = thread_queries.thread(standing, about)
    require(thread_id is None or may.pin(standing, shown))
    home.pinned_thread_id = thread_id
    deed = Deed.THREAD_PINNED if thread_id else Deed.THREAD_UNPINNED
    audit.note(standing.circle_id, deed, Actor.MODERATOR, about=shown.author.name)
