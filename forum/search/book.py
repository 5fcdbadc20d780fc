"""An opened index of one circle: its segments in memory, and what it was built for.

Whoosh's own table of contents says which segments there are. A segment never changes once it is
written, so those that stay are not opened again.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from uuid import UUID

from whoosh.codec.base import Segment
from whoosh.fields import STORED, TEXT, Schema
from whoosh.index import TOC
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader

from forum.circles.models import Circle
from forum.core.clock import now
from forum.search.storage import SealedStorage
from forum.search.words import ANALYZER

VERSION = 1  # of schema and words; another is built anew
NAME = "MAIN"
STATE = "state.json"
SCHEMA = Schema(
    post=STORED,  # a Kept, as a tuple
    text=TEXT(analyzer=ANALYZER),  # all its words, those of a title too
    title=TEXT(analyzer=ANALYZER, phrase=False),  # once more: they weigh more
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A post as an index knows it. hour: when it appeared, in seconds of UTC."""

    id: UUID
    revision: str
    hour: int


@dataclass(frozen=True, slots=True)
class State:
    """What an index was built for. revision: the circle's, or "" while it is not complete."""

    revision: str = ""
    until: str = ""  # the next slot, or an earlier one that a post waits for, ISO 8601
    segments: tuple[str, ...] = ()

    def fits(self, home: Circle) -> bool:
        """Whether nothing can have changed in the circle since."""
        return str(home.revision) == self.revision and now() < datetime.fromisoformat(self.until)


class Leaf:
    """One segment, open."""

    def __init__(self, storage: SealedStorage, segment: Segment) -> None:
        self.segment = segment
        self.reader = SegmentReader(storage, SCHEMA, segment)
        self._kept: dict[int, Kept] = {}

    def kept(self, number: int) -> Kept:
        """One of its posts, by its place in the segment."""
        if number not in self._kept:
            post_id, revision, hour = self.reader.stored_fields(number)["post"]
            self._kept[number] = Kept(UUID(bytes=post_id), revision, hour)
        return self._kept[number]

    @cached_property
    def lengths(self) -> list[int]:
        """How many words each of its posts has, by their place in the segment."""
        size = range(self.reader.doc_count_all())
        return [self.reader.doc_field_length(number, "text") for number in size]

    def posts(self) -> Iterator[tuple[int, Kept]]:
        """All of its posts, each with its place in the segment."""
        return ((number, self.kept(number)) for number in self.reader.all_doc_ids())


class Book:
    """A circle's index, open in memory. It holds no key."""

    def __init__(self, state: State, leaves: list[Leaf]) -> None:
        self.state = state
        self.leaves = leaves

    @cached_property
    def reader(self) -> IndexReader:
        """All of its segments as one, in the order of `leaves`."""
        readers = [leaf.reader for leaf in self.leaves]
        if len(readers) > 1:
            return MultiReader(readers)
        return readers[0] if readers else EmptyReader(SCHEMA)

    def kept(self, number: int) -> Kept:
        """One of its posts, by its place among all."""
        leaf = bisect_right(self._starts, number) - 1
        return self.leaves[leaf].kept(number - self._starts[leaf])

    @cached_property
    def _starts(self) -> list[int]:
        sizes = [leaf.reader.doc_count_all() for leaf in self.leaves]
        return [0, *accumulate(sizes)][:-1]


def create(storage: SealedStorage) -> None:
    """Begin an empty index."""
    TOC.create(storage, SCHEMA, NAME)
    write_state(storage, State())


def write_state(storage: SealedStorage, state: State) -> None:
    """Say what an index is built for."""
    plain = [VERSION, state.revision, state.until, state.segments]
    storage.write(STATE, json.dumps(plain).encode())


def opened(storage: SealedStorage, before: Book | None = None) -> Book | None:
    """The index as it lies there; None where there is none of this version.

    before: an older opening, whose segments are used again. Raises all kinds of errors for files
    that are damaged, or change meanwhile.
    """
    found = described(storage)
    if found is None:
        return None
    known = {leaf.segment.segment_id(): leaf for leaf in before.leaves} if before else {}
    state, segments = found
    return Book(state, [_leaf(storage, known, segment) for segment in segments])


def described(storage: SealedStorage) -> tuple[State, list[Segment]] | None:
    """What an index was built for, and its segments unopened; None and errors as for `opened`."""
    if not storage.file_exists(STATE):
        return None
    version, *plain = json.loads(storage.read(STATE))  # first: never newer than the segments
    if version != VERSION:
        return None
    state = State(plain[0], plain[1], tuple(plain[2]))
    segments = TOC.read(storage, NAME, schema=SCHEMA).segments
    known = state.segments == tuple(segment.segment_id() for segment in segments)
    return state if known else State(), segments


def _leaf(storage: SealedStorage, known: dict[str, Leaf], segment: Segment) -> Leaf:
    leaf = known.get(segment.segment_id())
    whole = leaf and not leaf.segment.has_deletions() and not segment.has_deletions()
    return leaf if leaf and whole else Leaf(storage, segment)
