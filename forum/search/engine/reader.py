"""An open index of a circle: its segments in memory, and the state it was built for.

Whoosh's table of contents lists the segments. A segment never changes once written, so a
second opening reads new segments only.
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

from forum.circles.models import FURTHEST, Circle
from forum.circles.queries import Revision
from forum.core.clock import now
from forum.search.engine import vectors
from forum.search.engine.doc_values import SCHEMA, PostRecord, of_segment
from forum.search.engine.storage import SealedStorage
from forum.search.engine.vectors import Vectors

VERSION = 5  # of schema and words; another is built anew
NAME = "MAIN"
STATE = "state.json"

PostFilter = Callable[
    [PostRecord], bool
]  # whether a post is among those that a search is narrowed to


@dataclass(frozen=True, slots=True)
class IndexState:
    """The state an index was built for. revision: the circle's, or "" for an incomplete index."""

    revision: str = ""
    until: str = ""  # the next slot, or an earlier one that a post waits for, ISO 8601
    segments: tuple[str, ...] = ()
    waits: str = ""  # the next slot that a post waits for, ISO 8601; "" where none does

    def fits(self, home: Circle | Revision) -> bool:
        """Whether the circle is unchanged since the index was built.

        A post sent since then changes the revision, at once or as the worker settles its slot. So
        after a slot that is settled, an equal revision says that nothing appeared.
        """
        if str(home.revision) != self.revision:
            return False
        until = datetime.fromisoformat(self.until)
        if now() < until <= now() + FURTHEST:  # further off it was noted under another clock
            return True
        return not home.is_behind and not self._waited()

    def _waited(self) -> bool:
        """Whether a post known then has appeared or changed since."""
        return bool(self.waits) and now() >= datetime.fromisoformat(self.waits)


@dataclass(frozen=True, slots=True)
class Postings:
    """Document numbers of a term in a segment, ascending, with its frequency in each."""

    docs: Sequence[int]
    frequencies: Sequence[int]


COMMON = 50  # posts of a segment: words that so many have stay decoded


class LeafReader:
    """An open segment. posts, lengths: see `DocValues`; deleted posts are included."""

    def __init__(self, storage: SealedStorage, segment: Segment) -> None:
        self.segment = segment
        self.reader = SegmentReader(storage, SCHEMA, segment)
        doc_values = of_segment(storage, segment, self.reader)
        self.posts, self.lengths, self.spelled = (
            doc_values.posts,
            doc_values.lengths,
            doc_values.spelled,
        )
        self._common: dict[tuple[str, str], Postings] = {}
        self._storage = storage
        self._vectors: Vectors | None = None
        self._vectors_from: tuple[str, tuple[int, ...]] | None = None

    def living(self) -> Iterator[tuple[int, PostRecord]]:
        """Document numbers and records of posts that are not deleted."""
        return ((number, self.posts[number]) for number in self.reader.all_doc_ids())

    def vectors(self, version: str) -> Vectors | None:
        """Vectors of the posts as stored now; None without vectors of this encoder's version."""
        source = version, vectors.stamp(self._storage, self.segment)
        is_gone = not source[1] and self._vectors_from and self._vectors_from[0] == version
        if source != self._vectors_from and not is_gone:  # its file may be evicted while it is open
            found = vectors.stored(self._storage, self.segment, len(self.posts))
            self._vectors = Vectors(found) if found and found.version == version else None
            self._vectors_from = source
        return self._vectors

    def postings(self, term: str, field: str = "text") -> Postings:
        """Postings of a term."""
        return self._common.get((field, term)) or self._decoded(field, term)

    def positions(self, term: str, docs: Sequence[int]) -> dict[int, Sequence[int]]:
        """Word positions of a term by post, ascending; posts without the term are missing."""
        found: dict[int, Sequence[int]] = {}
        matcher = self._matcher("text", term)
        for doc in docs if matcher else ():
            if matcher.is_active() and matcher.id() < doc:
                matcher.skip_to(doc)
            if not matcher.is_active():
                break
            if matcher.id() == doc:
                found[doc] = matcher.value_as("positions")
        return found

    def _decoded(self, field: str, term: str) -> Postings:
        matcher = self._matcher(field, term)
        docs, frequencies = array("H"), array("H")
        while matcher and matcher.is_active():
            docs.append(matcher.id())
            frequencies.append(int(matcher.weight()))
            matcher.next()
        found = Postings(docs, frequencies)
        if len(docs) >= COMMON:
            self._common[field, term] = found
        return found

    def _matcher(self, field: str, term: str) -> Any:
        with suppress(TermNotFound):
            return self.reader.postings(field, term)
        return None


class IndexReader:
    """A circle's index, open in memory, without its key."""

    def __init__(self, state: IndexState, leaves: list[LeafReader]) -> None:
        self.state = state
        self.leaves = leaves

    @cached_property
    def posts(self) -> int:
        """Number of posts."""
        return sum(leaf.reader.doc_count() for leaf in self.leaves)

    @cached_property
    def relative_lengths(self) -> list[list[float]]:
        """Length of each post over the mean of the circle, by segment and document number."""
        lengths = [length for leaf in self.leaves for length in leaf.lengths]
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
        return [[length / mean for length in leaf.lengths] for leaf in self.leaves]

    @cached_property
    def locations(self) -> dict[str, tuple[int, int]]:
        """Segment and document number of each post, by its id in hex."""
        return {
            post.id: (number, doc)
            for number, leaf in enumerate(self.leaves)
            for doc, post in leaf.living()
        }

    @cached_property
    def authors(self) -> frozenset[str]:
        """Ids of all author rows with a post, in hex."""
        return frozenset(kept.author for kept in self.records())

    @cached_property
    def answered(self) -> frozenset[str]:
        """Ids of all threads with a reply by a colleague, in hex."""
        kept = list(self.records())
        presenters = {each.id: each.author for each in kept if each.opens}
        return frozenset(
            each.thread
            for each in kept
            if not each.opens and each.author != presenters.get(each.thread)
        )

    def doc_frequency(self, term: str, field: str = "text") -> int:
        """Number of posts with a term."""
        return sum(leaf.reader.doc_frequency(field, term) for leaf in self.leaves)

    def records(self) -> Iterator[PostRecord]:
        """Records of all posts."""
        return (kept for leaf in self.leaves for _, kept in leaf.living())


def create(storage: SealedStorage) -> None:
    """Create an empty index."""
    TOC.create(storage, SCHEMA, NAME)
    write_state(storage, IndexState())


def write_state(storage: SealedStorage, state: IndexState) -> None:
    """Store the state an index is built for, in one length whether or not a post waits."""
    waits = state.waits.ljust(len(state.until))
    plain = [VERSION, state.revision, state.until, state.segments, waits]
    storage.write(STATE, json.dumps(plain).encode())


def opened(storage: SealedStorage, before: IndexReader | None = None) -> IndexReader | None:
    """Open an index as stored; None for a missing one or another version.

    before: an earlier opening, whose segments are reused. Raises errors of any class where files
    are damaged, or change meanwhile.
    """
    found = described(storage)
    if found is None:
        return None
    known = {leaf.segment.segment_id(): leaf for leaf in before.leaves} if before else {}
    state, segments = found
    return IndexReader(state, [_leaf(storage, known, segment) for segment in segments])


def described(storage: SealedStorage) -> tuple[IndexState, list[Segment]] | None:
    """State and unopened segments of a stored index; None and errors as for `opened`."""
    if not storage.file_exists(STATE):
        return None
    version, *plain = json.loads(storage.read(STATE))  # first: never newer than the segments
    if version != VERSION:
        return None
    revision, until, listed, *waits = plain  # an earlier release stored no waits
    state = IndexState(revision, until, tuple(listed), *map(str.strip, waits or [until]))
    segments = TOC.read(storage, NAME, schema=SCHEMA).segments
    known = state.segments == tuple(segment.segment_id() for segment in segments)
    return state if known else IndexState(), segments


def _leaf(storage: SealedStorage, known: dict[str, LeafReader], segment: Segment) -> LeafReader:
    leaf = known.get(segment.segment_id())
    whole = leaf and not leaf.segment.has_deletions() and not segment.has_deletions()
    return leaf if leaf and whole else LeafReader(storage, segment)
