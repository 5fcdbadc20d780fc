"""Columns of a segment: fields that every search reads of every post, in a single file.

Whoosh stores fields post by post, and spellings would add thousands of terms. Read whole, this
file opens an index several times as fast.
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

from forum.search.engine.storage import DOC_VALUES, SealedStorage
from forum.search.tokenizer import TOKENIZER

SCHEMA = Schema(
    post=STORED,  # a PostRecord, as a tuple
    spellings=STORED,  # distinct words as they are spelled, for help with typing errors
    text=TEXT(analyzer=TOKENIZER),  # all its words, those of a title too
    title=TEXT(analyzer=TOKENIZER, phrase=False),  # once more: they weigh more
)


class PostRecord(NamedTuple):
    """Stored fields of a post, ids in hex.

    hour: of appearance, in seconds of UTC. thread: for an opening, the post's own id.
    author: id of an author row. kind: of a reply; "" for an opening.
    """

    id: str
    revision: str
    hour: int
    thread: str
    author: str
    kind: str

    @property
    def opens(self) -> bool:
        """Whether the post opens its thread."""
        return self.id == self.thread


class DocValues:
    """Columns of a segment, by document number. lengths: in words."""

    def __init__(self, plain: bytes) -> None:
        posts, _, self._spelled = plain.partition(b"\n")
        rows, self.lengths = json.loads(posts)
        self.posts = [PostRecord(*row[:3], *map(intern, row[3:])) for row in rows]

    def spelled(self, lengths: Iterable[int]) -> Iterator[tuple[list[str], Sequence[int]]]:
        """Spellings of given lengths, and how many posts have each."""
        by_length = json.loads(self._spelled)
        for length in lengths:
            if known := by_length.get(str(length)):
                yield known[0].split(" "), known[1]


def of_segment(storage: SealedStorage, segment: Segment, reader: SegmentReader) -> DocValues:
    """Columns of a segment, read from its file, or computed where the file is missing."""
    name = segment.make_filename(DOC_VALUES)
    return DocValues(storage.read(name) if storage.file_exists(name) else _of(reader))


def stored(storage: SealedStorage, segment: Segment) -> list[PostRecord]:
    """Records of a segment that is not open, by document number."""
    return DocValues(storage.read(segment.make_filename(DOC_VALUES))).posts


def write(storage: SealedStorage, segments: Iterable[Segment]) -> None:
    """Write the missing column files of segments."""
    for segment in segments:
        name = segment.make_filename(DOC_VALUES)
        if not storage.file_exists(name):
            storage.write(name, _of(SegmentReader(storage, SCHEMA, segment)))


def _of(reader: SegmentReader) -> bytes:
    stored = [reader.stored_fields(number) for number in range(reader.doc_count_all())]
    lengths = [reader.doc_field_length(number, "text") for number in range(len(stored))]
    frequencies = Counter(word for fields in stored for word in fields["spellings"].split())
    by_length = groupby(sorted(frequencies, key=lambda word: (len(word), word)), key=len)
    spelled = {length: _column([*words], frequencies) for length, words in by_length}
    rows = [fields["post"] for fields in stored]
    return json.dumps([rows, lengths]).encode() + b"\n" + json.dumps(spelled).encode()


def _column(words: list[str], frequencies: Counter[str]) -> tuple[str, list[int]]:
    return " ".join(words), [frequencies[word] for word in words]
