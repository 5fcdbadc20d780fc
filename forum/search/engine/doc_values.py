"""What searches ask of every post of a segment, written beside it in one piece.

Whoosh keeps it post by post, and the words as they are spelled would be thousands of entries more:
read whole, it opens an index several times as fast.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from sys import intern
from typing import NamedTuple

from whoosh.codec.base import Segment
from whoosh.fields import STORED, TEXT, Schema
from whoosh.reading import SegmentReader

from forum.search.engine.storage import BESIDE, SealedStorage
from forum.search.tokenizer import KEYS

SCHEMA = Schema(
    post=STORED,  # a Kept, as a tuple
    said=STORED,  # its words as they are spelled, for help with typing errors
    text=TEXT(analyzer=KEYS),  # all its words, those of a title too
    title=TEXT(analyzer=KEYS, phrase=False),  # once more: they weigh more
)


class Kept(NamedTuple):
    """A post as an index knows it, ids in hex.

    hour: when it appeared, in seconds of UTC. thread: the one it stands in, its own id for an
    opening. author: the row of the name it is written under. kind: of a reply; "" for an opening.
    """

    id: str
    revision: str
    hour: int
    thread: str
    author: str
    kind: str

    @property
    def opens(self) -> bool:
        """Whether it opens its thread."""
        return self.id == self.thread


class Columns:
    """A segment's posts, by their place in it.

    posts: each; lengths: how many words each has.
    """

    def __init__(self, plain: bytes) -> None:
        posts, _, self._spelled = plain.partition(b"\n")
        rows, self.lengths = json.loads(posts)
        self.posts = [Kept(*row[:3], *map(intern, row[3:])) for row in rows]

    def spelled(self, lengths: Iterable[int]) -> Iterator[tuple[list[str], Sequence[int]]]:
        """The words of so many letters as they are spelled, and how many posts have each."""
        by_length = json.loads(self._spelled)
        for length in lengths:
            if known := by_length.get(str(length)):
                yield known[0].split(" "), known[1]


def beside(storage: SealedStorage, segment: Segment, reader: SegmentReader) -> Columns:
    """The columns of a segment: as written, or where they are not written yet, as they will be."""
    name = segment.make_filename(BESIDE)
    return Columns(storage.read(name) if storage.file_exists(name) else _of(reader))


def write(storage: SealedStorage, segments: Iterable[Segment]) -> None:
    """Write them down for those of the segments that have none yet."""
    for segment in segments:
        name = segment.make_filename(BESIDE)
        if not storage.file_exists(name):
            storage.write(name, _of(SegmentReader(storage, SCHEMA, segment)))


def _of(reader: SegmentReader) -> bytes:
    stored = [reader.stored_fields(number) for number in range(reader.doc_count_all())]
    lengths = [reader.doc_field_length(number, "text") for number in range(len(stored))]
    often = Counter(word for fields in stored for word in fields["said"].split())
    by_length = groupby(sorted(often, key=lambda word: (len(word), word)), key=len)
    spelled = {length: _column([*words], often) for length, words in by_length}
    rows = [fields["post"] for fields in stored]
    return json.dumps([rows, lengths]).encode() + b"\n" + json.dumps(spelled).encode()


def _column(words: list[str], often: Counter[str]) -> tuple[str, list[int]]:
    return " ".join(words), [often[word] for word in words]
