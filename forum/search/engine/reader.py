"""An opened index of one circle: its segments in memory, and what it was built for.

Whoosh's own table of contents says which segments there are. A segment never changes once it is
written, so those that stay are not opened again.
"""

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from whoosh.codec.base import Segment
from whoosh.index import TOC
from whoosh.reading import SegmentReader, TermNotFound

from forum.circles.models import Circle
from forum.core.clock import now
from forum.search.engine.doc_values import SCHEMA, Kept, beside
from forum.search.engine.storage import SealedStorage

VERSION = 3  # of schema and words; another is built anew
NAME = "MAIN"
STATE = "state.json"

Holds = Callable[[Kept], bool]  # whether a post is among those that a search is narrowed to


@dataclass(frozen=True, slots=True)
class State:
    """What an index was built for. revision: the circle's, or "" while it is not complete."""

    revision: str = ""
    until: str = ""  # the next slot, or an earlier one that a post waits for, ISO 8601
    segments: tuple[str, ...] = ()

    def fits(self, home: Circle) -> bool:
        """Whether nothing can have changed in the circle since."""
        return str(home.revision) == self.revision and now() < datetime.fromisoformat(self.until)


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a word stands in a segment: places of posts, ascending, and how often in each."""

    places: Sequence[int]
    often: Sequence[int]


COMMON = 50  # posts of a segment: words that so many have stay decoded


class Leaf:
    """One segment, open. posts, lengths: as in `Columns`, those that went included."""

    def __init__(self, storage: SealedStorage, segment: Segment) -> None:
        self.segment = segment
        self.reader = SegmentReader(storage, SCHEMA, segment)
        columns = beside(storage, segment, self.reader)
        self.posts, self.lengths, self.spelled = columns.posts, columns.lengths, columns.spelled
        self._common: dict[tuple[str, str], Postings] = {}

    def living(self) -> Iterator[tuple[int, Kept]]:
        """Its posts but for those that went, each with its place in the segment."""
        return ((number, self.posts[number]) for number in self.reader.all_doc_ids())

    def postings(self, key: str, field: str = "text") -> Postings:
        """Where a word stands."""
        return self._common.get((field, key)) or self._decoded(field, key)

    def positions(self, key: str, places: Sequence[int]) -> dict[int, Sequence[int]]:
        """At which words of these posts, ascending, it stands; those without it are left out."""
        found: dict[int, Sequence[int]] = {}
        matcher = self._matcher("text", key)
        for place in places if matcher else ():
            if matcher.is_active() and matcher.id() < place:
                matcher.skip_to(place)
            if not matcher.is_active():
                break
            if matcher.id() == place:
                found[place] = matcher.value_as("positions")
        return found

    def _decoded(self, field: str, key: str) -> Postings:
        matcher = self._matcher(field, key)
        places, often = array("H"), array("H")
        while matcher and matcher.is_active():
            places.append(matcher.id())
            often.append(int(matcher.weight()))
            matcher.next()
        found = Postings(places, often)
        if len(places) >= COMMON:
            self._common[field, key] = found
        return found

    def _matcher(self, field: str, key: str) -> Any:
        with suppress(TermNotFound):
            return self.reader.postings(field, key)
        return None


class Book:
    """A circle's index, open in memory. It holds no key."""

    def __init__(self, state: State, leaves: list[Leaf]) -> None:
        self.state = state
        self.leaves = leaves

    @cached_property
    def posts(self) -> int:
        """How many there are."""
        return sum(leaf.reader.doc_count() for leaf in self.leaves)

    @cached_property
    def relative_lengths(self) -> list[list[float]]:
        """How long each post is, over the mean of the circle, by segment and place."""
        lengths = [length for leaf in self.leaves for length in leaf.lengths]
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
        return [[length / mean for length in leaf.lengths] for leaf in self.leaves]

    @cached_property
    def authors(self) -> frozenset[str]:
        """The rows of all names that something is written under, in hex."""
        return frozenset(kept.author for kept in self.kept())

    @cached_property
    def answered(self) -> frozenset[str]:
        """The threads in which somebody answered, in hex."""
        return frozenset(kept.thread for kept in self.kept() if not kept.opens)

    def having(self, key: str, field: str = "text") -> int:
        """How many posts have a word."""
        return sum(leaf.reader.doc_frequency(field, key) for leaf in self.leaves)

    def kept(self) -> Iterator[Kept]:
        """All posts."""
        return (kept for leaf in self.leaves for _, kept in leaf.living())


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
