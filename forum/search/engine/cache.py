"""The open indexes of one process, each lent to one reader at a time."""

from threading import Lock
from uuid import UUID

from forum.search.engine.reader import Book

POSTS_MAX = 20_000  # posts of all open indexes together: some 5 KB of memory each


class Shelf:
    """Indexes kept open between requests; the one longest unused goes first.

    A lent index is not on the shelf, since a reader's files have cursors: whoever asks for it
    meanwhile opens one of their own.
    """

    def __init__(self) -> None:
        self._books: dict[UUID, Book] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._books)

    def take(self, circle_id: UUID) -> Book | None:
        """The open index of a circle, off the shelf; None where there is none."""
        with self._lock:
            return self._books.pop(circle_id, None)

    def give(self, circle_id: UUID, book: Book) -> None:
        """Keep an index open for the next."""
        with self._lock:
            self._books.pop(circle_id, None)
            self._books[circle_id] = book
            posts = sum(kept.posts for kept in self._books.values())
            while posts > POSTS_MAX and len(self._books) > 1:
                posts -= self._books.pop(next(iter(self._books))).posts
