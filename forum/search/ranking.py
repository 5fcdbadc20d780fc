"""How well a post answers what was asked, by its own circle's index alone.

A score is a share of the most that a post in that circle could have: so the rare words of a
large circle do not drown a small one, and merging circles compares like with like. Nothing of
one circle enters the score of another's post.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any, Literal
from uuid import UUID

from whoosh.query import And, AndMaybe, AndNot, Or, Phrase, Query, Term
from whoosh.scoring import BaseScorer, WeightingModel
from whoosh.searching import Searcher

from forum.search.asked import Asked, Item
from forum.search.book import Book

Order = Literal["best", "newest"]
Weights = Mapping[str, float]  # of the words that are looked for, by key
K1, B = 1.2, 0.75  # BM25's usual: how soon saying a word again counts less, and how length does
MOST = 2 * (K1 + 1)  # what a word can add, in text and title, times its weight
GOOD_ENOUGH = 0.5  # of what the best post has of the words: with less, being new is no merit


@dataclass(frozen=True, slots=True)
class Found:
    """A post that matches. score: 0 to 1, higher is better; hour: see `book.Kept`."""

    id: UUID
    circle_id: UUID
    score: float
    hour: int


class _Best(WeightingModel):  # type: ignore[misc]  # whoosh has no types
    """BM25 over text and title, each word with the weight it has in this circle.

    Most posts have no title, so its length says nothing; a text's is set against the circle's
    mean. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009).
    """

    def __init__(self, book: Book, weights: Weights) -> None:
        self._weights = {key.encode(): weight for key, weight in weights.items()}
        lengths = [length for leaf in book.leaves for length in leaf.lengths]
        share = B / (sum(lengths) / len(lengths) or 1)
        self._damping = {
            leaf.reader: [K1 * (1 - B + share * length) for length in leaf.lengths]
            for leaf in book.leaves
        }

    def scorer(self, searcher: Searcher, fieldname: str, text: bytes, qf: int = 1) -> BaseScorer:
        damping = self._damping[searcher.reader()]
        plain = [K1] * len(damping)
        return _Saturating(self._weights.get(text, 0), plain if fieldname == "title" else damping)


class _Presence(WeightingModel):  # type: ignore[misc]
    """What a post has of the words, rare ones counting more, however often it says them."""

    def __init__(self, weights: Weights) -> None:
        self._weights = {key.encode(): weight for key, weight in weights.items()}

    def scorer(self, searcher: Searcher, fieldname: str, text: bytes, qf: int = 1) -> BaseScorer:
        return _Constant(self._weights.get(text, 0))


class _Scorer(BaseScorer):  # type: ignore[misc]
    def max_quality(self) -> float:
        """No bound: with one, Whoosh drops posts that several words together would lift."""
        return inf


class _Saturating(_Scorer):
    def __init__(self, weight: float, damping: Sequence[float]) -> None:
        self._most, self._damping = weight * (K1 + 1), damping

    def score(self, matcher: Any) -> float:
        often: float = matcher.weight()
        score: float = self._most * often / (often + self._damping[matcher.id()])
        return score


class _Constant(_Scorer):
    def __init__(self, score: float) -> None:
        self._score = score

    def score(self, matcher: Any) -> float:
        return self._score


def found(
    book: Book, circle_id: UUID, asked: Asked, weights: Weights, order: Order, depth: int
) -> list[Found]:
    """The posts of one circle that match: the best `depth`, or all where the newest are wanted.

    weights: see `rarities`.
    """
    if not (asked.words or asked.phrases) or not book.leaves:
        return []
    newest = order == "newest"
    weighting = _Presence(weights) if newest else _Best(book, weights)
    searcher = Searcher(book.reader, weighting=weighting, closereader=False)
    results = searcher.search(_query(asked, titles=not newest), limit=None if newest else depth)
    most = MOST * sum(weights.values())
    return [_found(book, circle_id, hit.docnum, hit.score / most) for hit in results]


def rarities(book: Book, asked: Asked) -> Weights:
    """What each word that is looked for weighs in this circle: common ones hardly anything.

    Source: the inverse document frequency of Lucene's BM25, which is never negative.
    """
    posts = book.reader.doc_count()
    having = {key: book.reader.doc_frequency("text", key) for key in asked.keys}
    return {key: log(1 + (posts - many + 0.5) / (many + 0.5)) for key, many in having.items()}


def merged(all_found: list[Found], order: Order) -> list[Found]:
    """What several circles found, as one list; of equals the newer comes first."""
    if order == "best":
        return sorted(all_found, key=lambda one: (-round(one.score, 6), -one.hour, one.id))
    best = max((one.score for one in all_found), default=0.0)
    good = (one for one in all_found if one.score >= GOOD_ENOUGH * best)
    return sorted(good, key=lambda one: (-one.hour, -round(one.score, 6), one.id))


def _found(book: Book, circle_id: UUID, number: int, score: float) -> Found:
    kept = book.kept(number)
    return Found(kept.id, circle_id, score, kept.hour)


def _query(asked: Asked, *, titles: bool) -> Query:
    fields = ("text", "title") if titles else ("text",)
    any_of = Or([Term(field, key) for key in _words(asked) for field in fields])
    query = any_of
    if asked.phrases:
        together = And([_together(item) for item in asked.phrases])
        query = AndMaybe(together, any_of) if asked.words else together
    if asked.without:
        query = AndNot(query, Or([_together(item) for item in asked.without]))
    return query


def _words(asked: Asked) -> Iterator[str]:
    yield from dict.fromkeys(key for item in asked.words for key in item.keys)


def _together(item: Item) -> Query:
    return Phrase("text", item.keys) if len(item.keys) > 1 else Term("text", item.keys[0])
