"""How well a post answers what was asked, by its own circle's index alone.

A score is a share of the most that a post in that circle could have: so the rare words of a
large circle do not drown a small one, and merging circles compares like with like. Nothing of
one circle enters the score of another's post. What each part is worth is measured: see
docs/benchmarks/relevance.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import pairwise
from math import log
from typing import Any, Literal, NamedTuple
from uuid import UUID

from forum.search.engine.doc_values import Kept
from forum.search.engine.reader import Book, Holds, Leaf
from forum.search.query_parser import Asked, Item
from forum.search.synonyms import Form, Kin

Order = Literal["best", "newest"]
Weights = Mapping[str, float]  # of the words that are looked for, by key

K1, B = 1.6, 0.65  # BM25: how soon saying a word again counts less, and how length does
IN_TITLE = 1.0  # what a word in the title adds, of its weight
LITTLE = 0.2  # of its weight: a word that carries little of a sentence
KIN = 0.6  # of what the words themselves would: other ways to say them
NEAR = 0.2  # of the lesser weight: two words that were asked for one after the other
NEAR_MAX = 8  # words apart
LOOKED_AT = 100  # of the best posts of a circle, where words near each other are looked for
MOST = K1 + 1 + IN_TITLE  # what a word can add, times its weight
GOOD_ENOUGH = 0.5  # of what the best post has of the words: with less, being new is no merit


class Found(NamedTuple):
    """A post that matches, ids in hex.

    score: 0 to 1, higher is better. has: the share of what was asked that it has, by weight; 1 for
    all of it. hour: see `columns.Kept`.
    """

    id: str
    circle_id: UUID
    thread: str
    score: float
    has: float
    hour: int
    revision: str


class _Search:
    """One search of one circle's index."""

    def __init__(self, book: Book, asked: Asked, weights: Weights) -> None:
        self.book, self.asked, self.weights = book, asked, weights
        self.telling = [item.keys[0] for item in asked.telling]
        self.bits = {key: 1 << place for place, key in enumerate(self.telling)}
        self.little = [item.keys[0] for item in asked.words if item.keys[0] not in self.bits]
        self.lengths = book.relative_lengths

    def leaf(self, place: int) -> dict[int, tuple[float, int]]:
        """The posts of a segment that match, by place: score, and which telling words are there."""
        leaf, lengths = self.book.leaves[place], self.lengths[place]
        scores, has, by_key = self._telling(leaf, lengths)
        for kin in self.asked.kin:
            self._kin(leaf, lengths, kin, scores, has, by_key)
        allowed = self._allowed(leaf)
        if not self.asked.words:
            every = allowed if allowed is not None else {at for at, _ in leaf.living()}
            scores = dict.fromkeys(every, 0.0)
        elif allowed is not None:
            scores = {at: scores.get(at, 0.0) for at in allowed}
        for at in self._refused(leaf):
            scores.pop(at, None)
        self._little(leaf, lengths, scores)
        return {at: (score, has.get(at, 0)) for at, score in scores.items()}

    def near(self, leaf: Leaf, lengths: Sequence[float], places: Sequence[int]) -> dict[int, float]:
        """What words that stand near each other add. Source: the sequential dependence model of
        Metzler and Croft (2005), with nearness weighed as by Tao and Zhai (2007)."""
        added = defaultdict[int, float](float)
        pairs = list(dict.fromkeys(pairwise(self.telling)))
        keys = dict.fromkeys(key for pair in pairs for key in pair)
        positions = {key: leaf.positions(key, places) for key in keys}
        for one, other in pairs:
            weight = NEAR * min(self.weights[one], self.weights[other])
            for at in positions[one].keys() & positions[other].keys():
                often = _nearness(positions[one][at], positions[other][at])
                added[at] += weight * _saturated(often, lengths[at])
        return added

    def _telling(
        self, leaf: Leaf, lengths: Sequence[float]
    ) -> tuple[dict[int, float], dict[int, int], dict[str, dict[int, float]]]:
        scores, has = defaultdict[int, float](float), defaultdict[int, int](int)
        by_key = dict[str, dict[int, float]]()
        for key, bit in self.bits.items():
            by_key[key] = self._word(leaf, lengths, key)
            for at, score in by_key[key].items():
                scores[at] += score
                has[at] |= bit
        return scores, has, by_key

    def _word(self, leaf: Leaf, lengths: Sequence[float], key: str) -> dict[int, float]:
        weight, found = self.weights[key], leaf.postings(key)
        scores = {
            at: weight * _saturated(often, lengths[at])
            for at, often in zip(found.places, found.often, strict=True)
        }
        for at in leaf.postings(key, "title").places:
            scores[at] += weight * IN_TITLE
        return scores

    def _kin(
        self,
        leaf: Leaf,
        lengths: Sequence[float],
        kin: Kin,
        scores: dict[int, float],
        has: dict[int, int],
        by_key: Mapping[str, Mapping[int, float]],
    ) -> None:
        """Other ways to say some words count in place of these, never on top of them."""
        run = [key for key in kin.run if key in self.bits]
        if not run:
            return
        worth = sum(self.weights[key] for key in run)
        bits = sum(self.bits[key] for key in set(run))
        best = dict[int, float]()
        for form in kin.forms:
            weight = KIN * min(worth, max(self.weights[key] for key in form))
            for at, often in together(leaf, form).items():
                best[at] = max(best.get(at, 0.0), weight * _saturated(often, lengths[at]))
        for at, score in best.items():
            themselves = sum(by_key[key].get(at, 0.0) for key in set(run))
            scores[at] += max(0.0, score - themselves)
            has[at] |= bits

    def _little(self, leaf: Leaf, lengths: Sequence[float], scores: dict[int, float]) -> None:
        """Words that carry little find no post, but tell apart those that are found."""
        for key in self.little:
            weight, found = LITTLE * self.weights[key], leaf.postings(key)
            for at, often in zip(found.places, found.often, strict=True):
                if at in scores:
                    scores[at] += weight * _saturated(often, lengths[at])

    def _allowed(self, leaf: Leaf) -> set[int] | None:
        """Where all phrases are; None where there are none to look for."""
        if not self.asked.phrases:
            return None
        return set.intersection(*(set(together(leaf, p.keys)) for p in self.asked.phrases))

    def _refused(self, leaf: Leaf) -> Iterator[int]:
        for item in self.asked.without:
            yield from together(leaf, item.keys)


def found(
    book: Book, circle_id: UUID, asked: Asked, weights: Weights, holds: Holds | None = None
) -> list[Found]:
    """The posts of one circle that match, in no order. weights: see `rarities`."""
    if not asked.asks:
        return []
    search = _Search(book, asked, weights)
    most = MOST * sum(weights[key] for key in search.telling) or 1.0
    every = sum(search.bits.values())
    shares = _Shares(search)
    hits = [
        (place, at, score, has)
        for place in range(len(book.leaves))
        for at, (score, has) in search.leaf(place).items()
        if holds is None or holds(book.leaves[place].posts[at])
    ]
    near = _near(search, hits)
    return [
        _found(
            book.leaves[place].posts[at],
            circle_id,
            (score + near.get((place, at), 0.0)) / most,
            1.0 if has == every else shares[has],
        )
        for place, at, score, has in hits
    ]


def in_circle(book: Book, asked: Asked) -> Asked:
    """What is asked as this circle writes: capitals make an abbreviation where it is one here."""
    return replace(asked, words=[_in_circle(book, asked, item) for item in asked.words])


def rarities(book: Book, asked: Asked) -> Weights:
    """What each word that is looked for weighs in this circle: common ones hardly anything.

    Source: the inverse document frequency of Lucene's BM25, which is never negative.
    """
    having = {key: book.having(key) for key in asked.keys}
    return {key: log(1 + (book.posts - many + 0.5) / (many + 0.5)) for key, many in having.items()}


def merged(all_found: Iterable[Found], order: Order) -> list[Found]:
    """What several circles found, as one list: first what has all that was asked.

    Best first, and of equals the newer. Or the newest first, of those that have all of it, then of
    those that have much of it, then the rest.
    """
    listed = list(all_found)
    enough = GOOD_ENOUGH * max((one.has for one in listed), default=0.0)

    def place(one: Found) -> tuple[Any, ...]:
        score = -round(one.score, 6)
        if order == "best":
            return one.has < 1, score, -one.hour, one.id
        return one.has < 1, one.has < enough, -one.hour, score, one.id

    return sorted(listed, key=place)


def together(leaf: Leaf, keys: Form) -> dict[int, int]:
    """Where words stand next to each other, by place of the post, and how often in each."""
    if len(keys) == 1:
        found = leaf.postings(keys[0])
        return dict(zip(found.places, found.often, strict=True))
    places = set(leaf.postings(keys[0]).places)
    for key in keys[1:]:
        places &= set(leaf.postings(key).places)
    ascending = sorted(places)
    positions = [leaf.positions(key, ascending) for key in keys] if ascending else []
    runs = {at: _runs([each[at] for each in positions]) for at in ascending}
    return {at: many for at, many in runs.items() if many}


class _Shares(dict[int, float]):
    """By which telling words a post has: what share of their weight that is."""

    def __init__(self, search: _Search) -> None:
        super().__init__()
        self._weights = [(bit, search.weights[key]) for key, bit in search.bits.items()]
        self._most = sum(weight for _, weight in self._weights) or 1.0

    def __missing__(self, has: int) -> float:
        there = sum(weight for bit, weight in self._weights if has & bit)
        self[has] = share = min(there / self._most, 0.999)
        return share


def _near(
    search: _Search, hits: Sequence[tuple[int, int, float, int]]
) -> dict[tuple[int, int], float]:
    """What nearness adds to the best of the hits, by segment and place."""
    if len(search.telling) < 2:
        return {}
    best = nlargest(LOOKED_AT, hits, key=lambda hit: hit[2])
    by_leaf = defaultdict[int, list[int]](list)
    for place, at, *_ in best:
        by_leaf[place].append(at)
    return {
        (place, at): score
        for place, places in by_leaf.items()
        for at, score in search.near(
            search.book.leaves[place], search.lengths[place], sorted(places)
        ).items()
    }


def _found(kept: Kept, circle_id: UUID, score: float, has: float) -> Found:
    return Found(kept.id, circle_id, kept.thread, score, has, kept.hour, kept.revision)


def _in_circle(book: Book, asked: Asked, item: Item) -> Item:
    if not item.plain or book.having(item.keys[0]):
        return item
    forms = [form for kin in asked.kin if item.keys[0] in kin.run for form in kin.forms]
    if any(all(map(book.having, form)) for form in forms):
        return item
    return replace(item, keys=(item.plain,))


def _saturated(often: float, length: float) -> float:
    """BM25's worth of a word that stands there so often. length: of the post, over the mean.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009).
    """
    return often * (K1 + 1) / (often + K1 * (1 - B + B * length))


def _nearness(one: Sequence[int], other: Sequence[int]) -> float:
    """How often and how near two words stand: one next to the other is 1."""
    nearness, first = 0.0, 0
    for at in one:
        while first < len(other) and other[first] < at - NEAR_MAX:
            first += 1
        for there in other[first : first + 2 * NEAR_MAX]:
            if there > at + NEAR_MAX:
                break
            nearness += 1 / abs(there - at) if there != at else 0.0
    return nearness


def _runs(positions: Sequence[Sequence[int]]) -> int:
    """How often words stand one after the other. positions: of each of them, ascending."""
    following = [set(each) for each in positions[1:]]
    return sum(
        all(at + step in there for step, there in enumerate(following, 1)) for at in positions[0]
    )
