"""Open indexes of a process, each lent to one thread at a time."""

from threading import Lock
from uuid import UUID

from forum.search.engine.reader import IndexReader

POSTS_MAX = 20_000  # posts of all open indexes together: some 5 KB of memory each


class ReaderCache:
    """Indexes open between requests; the least recently used is closed first.

    A lent index leaves the cache, since its files have cursors: another thread opens its own.
    """

    def __init__(self) -> None:
        self._books: dict[UUID, IndexReader] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._books)

    def take(self, circle_id: UUID) -> IndexReader | None:
        """Remove a circle's open index from the cache and return it; None without an entry."""
        with self._lock:
            return self._books.pop(circle_id, None)

    def put(self, circle_id: UUID, reader: IndexReader) -> None:
        """Add an open index for the next request."""
        with self._lock:
            self._books.pop(circle_id, None)
            self._books[circle_id] = reader
            posts = sum(kept.posts for kept in self._books.values())
            while posts > POSTS_MAX and len(self._books) > 1:
                posts -= self._books.pop(next(iter(self._books))).posts
