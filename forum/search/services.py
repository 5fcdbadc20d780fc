"""What the worker and the command line do: build what no page has the time for."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from time import monotonic
from uuid import UUID

from flask import current_app

from forum.core.db import db
from forum.core.keys import key_ring
from forum.discussions.queries import revisions
from forum.policy.standing import Standing
from forum.search.engine import index
from forum.search.engine.reader import Book
from forum.search.queries import due

STEP = 2.0  # seconds in which others wait for the circle's lock
GIVE_UP = 600.0  # seconds


def build_due() -> None:
    """Bring every index up to date that is not. It is not counted: a log would tell when."""
    for circle_id in due():
        build(circle_id)


def sweep() -> None:
    """Delete what lies there of circles whose key is gone."""
    folder, living = Path(current_app.config["SEARCH_INDEX"]), key_ring().circles()
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(ValueError):  # a file that is no circle's
            if UUID(path.stem) not in living:
                rmtree(path) if path.is_dir() else path.unlink()


def agrees(circle_id: UUID) -> bool:
    """Whether a circle's index holds what it says that it does."""
    return index.agrees(circle_id)


def build(circle_id: UUID, progress: Callable[[int, int], None] | None = None) -> None:
    """Bring a circle's index up to date, however long it takes.

    progress: told after each step how many posts are in the index, and how many there are.
    Where another process keeps the circle's lock, it is left to that one, and to the next call.
    """
    book: Book | None = None
    current, stop = False, monotonic() + GIVE_UP
    while not current and monotonic() < stop:
        db.session.rollback()  # a step sees what was written meanwhile, and holds nobody up
        book, current = index.refreshed(circle_id, book, monotonic() + STEP)
        if progress:
            there = len(revisions(Standing.of_no_one(circle_id)))
            progress(book.posts, max(there, book.posts))
