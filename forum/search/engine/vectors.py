"""Sentence vectors of a segment's posts, in a sealed file of its own beside the segment.

A row of WIDTH numbers of eight bits for each post, by document number; zeros for a missing vector.
Whoosh deletes the file with its segment, and so a vector with its post. Rows of posts that move to
another segment are copied as bytes, without the model.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from whoosh.codec.base import Segment

from forum.search.engine.doc_values import PostRecord
from forum.search.engine.storage import VECTORS, SealedStorage
from forum.search.sentence_encoder import WIDTH

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from forum.search.sentence_encoder import Vector

LARGEST = 127  # of a number in a row
NONE_YET = bytes(WIDTH)

Key = tuple[str, str]  # a post's id and revision
Rows = dict[Key, bytes]  # of posts of a circle


class Stored(NamedTuple):
    """Content of a file. version: of the encoder. rows: by document number, without a gap."""

    version: str
    rows: bytes

    def row(self, number: int) -> bytes:
        """A post's row, by document number."""
        return self.rows[number * WIDTH : (number + 1) * WIDTH]


class Vectors:
    """Rows of a segment, ready to be compared."""

    def __init__(self, stored: Stored) -> None:
        import numpy as np

        self.rows = np.frombuffer(stored.rows, np.int8).reshape(-1, WIDTH)
        lengths = np.linalg.norm(self.rows.astype(np.float32), axis=1)
        self._lengths = np.where(lengths, lengths, np.float32(np.nan))

    def similarities(self, vector: "Vector") -> "NDArray[np.float32]":
        """Cosine of each post's vector with a vector of length 1; NaN for a missing vector."""
        import numpy as np

        return np.asarray(self.rows.astype(np.float32) @ vector / self._lengths, np.float32)

    def of_post(self, number: int) -> "Vector | None":
        """A post's vector, by document number."""
        import numpy as np

        row = self.rows[number].astype(np.float32) / self._lengths[number]
        return None if np.isnan(row[0]) else row


def packed(vector: "Vector") -> bytes:
    """Round a vector to a row: the length is lost, the direction kept to a part in 127."""
    import numpy as np

    most = float(np.abs(vector).max()) or 1.0
    return bytes(np.rint(vector * (LARGEST / most)).astype(np.int8))


def stored(storage: SealedStorage, segment: Segment, posts: int) -> Stored | None:
    """Content of a segment's file; None for a missing, damaged or foreign one.

    posts: number of the segment's documents.
    """
    name = segment.make_filename(VECTORS)
    with suppress(Exception):  # its seal is broken, or it goes meanwhile
        if storage.file_exists(name):
            version, _, rows = storage.read(name).partition(b"\n")
            return Stored(version.decode(), rows) if len(rows) == posts * WIDTH else None
    return None


def stamp(storage: SealedStorage, segment: Segment) -> tuple[int, ...]:
    """Inode, change time and size of a segment's file, changed by every write; () for no file."""
    with suppress(OSError):
        status = storage.path(segment.make_filename(VECTORS)).stat()
        return status.st_ino, status.st_ctime_ns, status.st_size
    return ()


def write(
    storage: SealedStorage,
    segment: Segment,
    posts: Iterable[PostRecord],
    version: str,
    rows: Mapping[Key, bytes],
) -> None:
    """Write a segment's file. posts: by document number."""
    plain = b"".join(rows.get((post.id, post.revision), NONE_YET) for post in posts)
    storage.write(segment.make_filename(VECTORS), version.encode() + b"\n" + plain)
