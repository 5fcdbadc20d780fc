"""Sentence vectors of posts, computed by the worker once the posts are found by words.

Vectors are computed outside the circle's lock, a few posts at a time, and stored under the lock
beside the segment of their post. No search waits, a post withdrawn meanwhile leaves no vector,
and a killed worker loses a few posts' work.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from flask import current_app

from forum.core.db import db
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.discussions import post_queries
from forum.policy.standing import Standing
from forum.search.engine import index, vectors
from forum.search.engine.sync import text_of
from forum.search.engine.vectors import Key, Rows
from forum.search.sentence_encoder import encoder, vector_of

AT_ONCE = 8  # posts, between two looks at what else is to be done
LOCK_PATIENCE = 2.0  # seconds
FAR = 100  # posts that still wait: so many, and the log says how far it is

Stop = Callable[[], bool]  # whether something else is to be done now


@dataclass(slots=True)
class Progress:
    """Posts with a vector, of all posts in indexes."""

    done: int = 0
    posts: int = 0

    @property
    def left(self) -> int:
        """Posts without a vector yet."""
        return self.posts - self.done


@dataclass(slots=True)
class _Complete:
    """Circles seen complete in this process: stamp and number of posts of each index."""

    version: str = ""
    circles: dict[UUID, tuple[tuple[int, int], int]] = field(default_factory=dict)


def catch_up(stop: Stop, tell: Callable[[Progress], None] | None = None) -> None:
    """Compute missing vectors until `stop`; where many are left, log the progress.

    tell: called after every few posts.
    """
    known, progress = encoder(), Progress()
    if known is None:
        return
    waiting = _waiting(known.version, progress)
    for circle_id, keys in waiting:
        with fence("search.vectors"):
            for start in range(0, len(keys), AT_ONCE):
                if stop():
                    break
                some = keys[start : start + AT_ONCE]
                _compute(circle_id, some)
                progress.done += len(some)
                if tell:
                    tell(progress)
    if progress.left >= FAR:
        far = progress.done // FAR * FAR, progress.posts // FAR * FAR
        current_app.logger.warning("search: meaning of some %s of %s posts is known", *far)


def until(seconds: float, busy: Stop = lambda: False) -> Stop:
    """Stop after some seconds, or as soon as `busy`."""
    end = monotonic() + seconds
    return lambda: monotonic() >= end or busy()


def _waiting(version: str, progress: Progress) -> list[tuple[UUID, list[Key]]]:
    complete: _Complete = current_app.extensions.setdefault("complete_vectors", _Complete())
    if complete.version != version:
        complete.version, complete.circles = version, {}
    found = []
    for circle_id in sorted(key_ring().circles()):
        with fence("search.vectors"):
            stamp = index.stamp(circle_id)
            if stamp is None:
                continue
            seen, posts = complete.circles.get(circle_id, (None, 0))
            keys = list[Key]()
            if seen != stamp:
                keys, posts = index.without_vector(circle_id, version)
            if not keys:
                complete.circles[circle_id] = stamp, posts
            else:
                found.append((circle_id, keys))
            progress.posts += posts
            progress.done += posts - len(keys)
    return found


def _compute(circle_id: UUID, keys: list[Key]) -> None:
    db.session.rollback()  # reads what was written meanwhile, and holds nobody up
    standing = Standing.of_no_one(circle_id)
    posts = post_queries.posts(standing, [UUID(post_id) for post_id, _ in keys])
    rows = defaultdict[str, Rows](Rows)
    for key in keys:
        post = posts.get(UUID(key[0]))
        if post and (vector := vector_of(text_of(post))):
            rows[vector.version][key] = vectors.packed(vector.numbers)
    db.session.rollback()
    for version, of_posts in rows.items():
        index.add_vectors(circle_id, version, of_posts, monotonic() + LOCK_PATIENCE)
