"""What the worker and the command line do: build what no page has the time for."""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

from forum.core.db import db
from forum.discussions.queries import revisions
from forum.policy.standing import Standing
from forum.search import index
from forum.search.book import Book
from forum.search.queries import due

STEP = 2.0  # seconds in which others wait for the circle's lock
GIVE_UP = 600.0  # seconds


def build_due() -> None:
    """Bring every index up to date that is not. It is not counted: a log would tell when."""
    for circle_id in due():
        build(circle_id)


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
            progress(book.reader.doc_count(), max(there, book.reader.doc_count()))
