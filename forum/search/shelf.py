"""The open indexes of one process, each lent to one reader at a time."""

from threading import Lock
from uuid import UUID

from forum.search.book import Book

KEPT_MAX = 64  # open indexes in memory


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
            while len(self._books) > KEPT_MAX:
                del self._books[next(iter(self._books))]
