"""Indexing jobs of the worker and the command line, for work too long for a page."""

from collections.abc import Callable
from contextlib import suppress
from math import inf
from os import scandir
from pathlib import Path
from shutil import rmtree
from time import monotonic
from uuid import UUID

from flask import current_app

from forum.circles.counts import living
from forum.core.db import db
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.discussions.post_queries import revisions
from forum.policy.standing import Standing
from forum.search.engine import index, usage
from forum.search.engine.reader import IndexReader
from forum.search.queries import due

STEP = 2.0  # seconds in which others wait for the circle's lock
GIVE_UP = 600.0  # seconds
WEIGH_EACH = 3600.0  # seconds, between two looks at what all indexes take
LEAVE = 0.9  # of what they may take, once some had to go


def build_due() -> None:
    """Synchronise every index that is behind, without counting: a log would show when."""
    for circle_id in due():
        with fence("search.built"):
            build(circle_id)


def sweep() -> None:
    """Delete indexes of circles whose key is gone, once for each change of their number."""
    gone = len(key_ring().destroyed())
    if current_app.extensions.get("swept") == gone:
        return
    folder, living = Path(current_app.config["SEARCH_INDEX"]), key_ring().circles()
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(ValueError):  # a file that is no circle's
            if UUID(path.stem) not in living:
                rmtree(path) if path.is_dir() else path.unlink()
    current_app.extensions["swept"] = gone


def held() -> list[UUID]:
    """Living circles of which this host keeps an index, in the order of ids."""
    return [each for each in sorted(living()) if index.is_held(each)]


def evict() -> None:
    """Delete indexes used longest ago once they take more than SEARCH_INDEX_MAX bytes.

    Looked at each hour, and without counting: a log would show when members search. One that is
    locked is left. What goes is built again by the next search of its circle.
    """
    most, extensions = current_app.config["SEARCH_INDEX_MAX"], current_app.extensions
    last = extensions.get("indexes_weighed", -inf)  # zero would be when the machine started
    if not most or monotonic() < last + WEIGH_EACH:
        return
    extensions["indexes_weighed"] = monotonic()
    sizes = {each: _size(index.folder(each)) for each in held()}
    taken = sum(sizes.values())
    if taken <= most:
        return
    for circle_id in sorted(sizes, key=lambda each: (usage.last_week(index.folder(each)), each)):
        if index.evict(circle_id):
            taken -= sizes[circle_id]
        if taken <= most * LEAVE:
            return


def _size(folder: Path) -> int:
    """Bytes of the files of a folder; those that go meanwhile count nothing."""
    taken = 0
    with suppress(FileNotFoundError):
        for each in scandir(folder):
            with suppress(FileNotFoundError):
                taken += each.stat().st_size
    return taken


def agrees(circle_id: UUID) -> bool:
    """Whether a circle's index holds exactly the posts of its circle."""
    return index.agrees(circle_id)


def build(circle_id: UUID, progress: Callable[[int, int], None] | None = None) -> None:
    """Synchronise a circle's index, however long it takes.

    progress: called after each step with the number of indexed posts and of all posts. Where
    another process holds the circle's lock, the work is left to it, and to the next call.
    """
    reader: IndexReader | None = None
    current, stop = False, monotonic() + GIVE_UP
    while not current and monotonic() < stop:
        db.session.rollback()  # a step sees what was written meanwhile, and holds nobody up
        reader, current = index.refreshed(circle_id, reader, monotonic() + STEP)
        if progress:
            there = len(revisions(Standing.of_no_one(circle_id)))
            progress(reader.posts, max(there, reader.posts))
