"""The worker's jobs for flags: settle flags on withdrawn posts, except worries about their writers;
delete old flags and those of gone threads."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, select

from forum.circles import queries as circles
from forum.circles.locks import lock_circle
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.fences import fence
from forum.discussions import post_queries, retention
from forum.discussions.models import Hiding, Post, Reply, Thread
from forum.moderation.models import Flag, Outcome
from forum.moderation.queries import is_live
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason

KEPT_FOR = timedelta(days=90)  # after a flag is settled


def settle() -> int:
    """Settle flags on posts withdrawn since, and delete flags settled KEPT_FOR ago.

    Flags on a hidden post are never deleted: the desk finds the post by them. Returns the number of
    flags settled, and of threads gone.
    """
    done = forget_gone()
    flagged = {*db.session.scalars(select(Flag.circle_id).where(*_live()).distinct())}
    for standing in circles.among(flagged):
        with fence("moderation.settled"), unit_of_work():
            lock_circle(standing.circle_id)  # a moderator's outcome stays
            done += _settle_gone(standing)
    with unit_of_work():
        old = Flag.settled_on < (now() - KEPT_FOR).date()
        hidden = Hiding.circle_id == Flag.circle_id, Hiding.id == Flag.post_id
        db.session.execute(delete(Flag).where(old, ~exists().where(*hidden)))
    return done


def forget_gone() -> int:
    """Delete flags and messages about threads whose texts are erased; gives the number of threads.

    The last step of an erasure: a thread is not gone before.
    """
    done = 0
    for circle_id, threads in retention.going().items():
        with fence("moderation.settled"), unit_of_work():
            lock_circle(circle_id)
            _forget_flags(circle_id, {thread.id for thread in threads})
            for thread in threads:
                retention.finish(thread)
        done += len(threads)
    return done


def _forget_flags(circle_id: UUID, threads: Collection[UUID]) -> None:
    """Delete a circle's flags on posts that are no more, and messages about these threads."""
    here = Flag.circle_id == circle_id
    known = Flag.post_id.in_(_ids(Reply, circle_id)) | Flag.post_id.in_(_ids(Thread, circle_id))
    lost = Flag.post_id.is_not(None) & (~known | Flag.post_id.in_(threads))
    db.session.execute(delete(Flag).where(here, lost))
    for message in db.session.scalars(select(Flag).where(here, Flag.post_id.is_(None))):
        if message.thread_id in threads:
            db.session.delete(message)


def _ids(kind: type[Post], circle_id: UUID) -> Select[UUID]:
    """Statement: ids of a circle's posts of a kind."""
    return select(kind.id).where(kind.circle_id == circle_id)


def _live() -> tuple[ColumnElement[bool], ...]:
    """Conditions: flags on posts that nobody has settled."""
    return Flag.post_id.is_not(None), is_live()


def _is_gone(post: Post) -> bool:
    """Whether a post is withdrawn for good."""
    return post.withdrawn and post.undo_window is None


def _settle_gone(standing: Standing) -> int:
    here = select(Flag).where(Flag.circle_id == standing.circle_id, *_live())
    flags = list(db.session.scalars(here))
    ids = [each.post_id for each in flags if each.post_id]
    posts = post_queries.posts(standing, ids, closed=True) if ids else {}
    gone = [
        each
        for each in flags
        if each.post_id not in posts
        or (each.reason is not FlagReason.WORRY and _is_gone(posts[each.post_id]))
    ]
    for flag in gone:
        flag.outcome, flag.settled_on, flag.told = Outcome.GONE, now().date(), False
    return len(gone)
