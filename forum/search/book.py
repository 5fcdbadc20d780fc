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
from uuid import UUID

from whoosh.codec.base import Segment
from whoosh.fields import KEYWORD, STORED, TEXT, Schema
from whoosh.index import TOC
from whoosh.reading import SegmentReader, TermNotFound

from forum.circles.models import Circle
from forum.core.clock import now
from forum.search.storage import SealedStorage
from forum.search.words import KEYS, SAID

VERSION = 2  # of schema and words; another is built anew
NAME = "MAIN"
STATE = "state.json"
SCHEMA = Schema(
    post=STORED,  # a Kept, as a tuple
    text=TEXT(analyzer=KEYS),  # all its words, those of a title too
    title=TEXT(analyzer=KEYS, phrase=False),  # once more: they weigh more
    said=KEYWORD(analyzer=SAID),  # as they are spelled, for help with typing errors
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A post as an index knows it.

    hour: when it appeared, in seconds of UTC. thread: the one it stands in, its own id for an
    opening. author: the row of the name it is written under. kind: of a reply; "" for an opening.
    """

    id: UUID
    revision: str
    hour: int
    thread: UUID
    author: UUID
    kind: str

    @property
    def opens(self) -> bool:
        """Whether it opens its thread."""
        return self.id == self.thread


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


NOWHERE = Postings((), ())
DECODED_MAX = 500  # words of a segment whose postings stay decoded


class Leaf:
    """One segment, open."""

    def __init__(self, storage: SealedStorage, segment: Segment) -> None:
        self.segment = segment
        self.reader = SegmentReader(storage, SCHEMA, segment)
        self._kept: dict[int, Kept] = {}
        self._postings: dict[tuple[str, str], Postings] = {}

    def postings(self, key: str, field: str = "text") -> Postings:
        """Where a word stands."""
        known = self._postings.get((field, key))
        if known is None:
            if len(self._postings) >= DECODED_MAX:
                self._postings.clear()
            known = self._postings[field, key] = self._decoded(field, key)
        return known

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
        places, often = array("l"), array("l")
        while matcher and matcher.is_active():
            places.append(matcher.id())
            often.append(int(matcher.weight()))
            matcher.next()
        return Postings(places, often)

    def _matcher(self, field: str, key: str) -> Any:
        with suppress(TermNotFound):
            return self.reader.postings(field, key)
        return None

    def kept(self, number: int) -> Kept:
        """One of its posts, by its place in the segment."""
        if number not in self._kept:
            post_id, revision, hour, *more = self.reader.stored_fields(number)["post"]
            thread, author = (UUID(bytes=each) for each in more[:2])
            self._kept[number] = Kept(UUID(bytes=post_id), revision, hour, thread, author, more[2])
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
    def authors(self) -> frozenset[UUID]:
        """The rows of all names that something is written under."""
        return frozenset(kept.author for kept in self.kept())

    @cached_property
    def answered(self) -> frozenset[UUID]:
        """The threads in which somebody answered."""
        return frozenset(kept.thread for kept in self.kept() if not kept.opens)

    @cached_property
    def said(self) -> dict[str, int]:
        """The words of the circle as they are spelled, and how many posts have each."""
        found = dict[str, int]()
        for leaf in self.leaves:
            for word, info in leaf.reader.iter_field("said"):
                known = word.decode()
                found[known] = found.get(known, 0) + info.doc_frequency()
        return found

    def having(self, key: str, field: str = "text") -> int:
        """How many posts have a word."""
        return sum(leaf.reader.doc_frequency(field, key) for leaf in self.leaves)

    def kept(self) -> Iterator[Kept]:
        """All posts."""
        return (kept for leaf in self.leaves for _, kept in leaf.posts())


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
