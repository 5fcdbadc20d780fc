"""Ranking of posts for a query, by statistics of their own circle's index alone.

A score is a share of the highest score possible in the circle. So rare words of a large circle
do not drown a small one, results of circles can be merged, and no circle affects the score of
another's post. The effect of each weight is measured: see docs/benchmarks/relevance.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import pairwise
from math import log
from typing import Any, Literal, NamedTuple
from uuid import UUID

from forum.search.engine.doc_values import PostRecord
from forum.search.engine.reader import IndexReader, LeafReader, PostFilter
from forum.search.engine.similarity import Location, Similarity, mixed
from forum.search.query_parser import Clause, ParsedQuery
from forum.search.synonyms import Form, Synonyms

Order = Literal["best", "newest"]
Weights = Mapping[str, float]  # of the words that are looked for, by key

K1, B = 1.6, 0.65  # BM25: how soon saying a word again counts less, and how length does
IN_TITLE = 1.0  # added for a word in the title, of its weight
STOPWORD = 0.2  # of its weight: a word that carries little of a sentence
SYNONYM = 0.6  # of the weight of the words they stand for
PROXIMITY = 0.4  # of the lesser weight of two adjacent query words
PROXIMITY_MAX = 8  # words apart
PROXIMITY_POSTS = 100  # of the best posts of a circle, where words near each other are looked for
MOST = K1 + 1 + IN_TITLE  # the highest score of a word, over its weight
GOOD_ENOUGH = 0.5  # of the best coverage: with less, being new is no merit


class ScoredPost(NamedTuple):
    """A matching post, ids in hex.

    score: 0 to 1, higher is better. coverage: the share of the query's weight found in the post; 1
    for a complete match. hour: see `doc_values.PostRecord`. near: found by meaning alone.
    """

    id: str
    circle_id: UUID
    thread: str
    score: float
    coverage: float
    hour: int
    revision: str
    near: bool = False


class _Search:
    """A search of one circle's index."""

    def __init__(self, reader: IndexReader, query: ParsedQuery, weights: Weights) -> None:
        self.reader, self.query, self.weights = reader, query, weights
        self.content_terms = [clause.terms[0] for clause in query.content_words]
        self.bits = {term: 1 << number for number, term in enumerate(self.content_terms)}
        self.stop_terms = [
            clause.terms[0] for clause in query.words if clause.terms[0] not in self.bits
        ]
        self.lengths = reader.relative_lengths

    def leaf(self, number: int) -> dict[int, tuple[float, int]]:
        """Matching posts of a segment, by document number: (score, bits of its content terms)."""
        leaf, lengths = self.reader.leaves[number], self.lengths[number]
        scores, coverage, by_term = self._score_content(leaf, lengths)
        for synonyms in self.query.synonyms:
            self._add_synonyms(leaf, lengths, synonyms, scores, coverage, by_term)
        allowed = self._allowed(leaf)
        if not self.query.words:
            every = allowed if allowed is not None else {doc for doc, _ in leaf.living()}
            scores = dict.fromkeys(every, 0.0)
        elif allowed is not None:
            scores = {doc: scores.get(doc, 0.0) for doc in allowed}
        for doc in self._refused(leaf):
            scores.pop(doc, None)
        self._add_stopwords(leaf, lengths, scores)
        return {doc: (score, coverage.get(doc, 0)) for doc, score in scores.items()}

    def proximity(
        self, leaf: LeafReader, lengths: Sequence[float], docs: Sequence[int]
    ) -> dict[int, float]:
        """Scores added for query words near each other, by document number.

        Source: the sequential dependence model of Metzler and Croft (2005), with distances weighed
        as by Tao and Zhai (2007).
        """
        added = defaultdict[int, float](float)
        pairs = list(dict.fromkeys(pairwise(self.content_terms)))
        terms = dict.fromkeys(term for pair in pairs for term in pair)
        positions = {term: leaf.positions(term, docs) for term in terms}
        for one, other in pairs:
            weight = PROXIMITY * min(self.weights[one], self.weights[other])
            for doc in positions[one].keys() & positions[other].keys():
                nearness = _nearness(positions[one][doc], positions[other][doc])
                added[doc] += weight * _saturated(nearness, lengths[doc])
        return added

    def near(self, similarity: Similarity, accepts: PostFilter | None) -> Iterator[Location]:
        """Posts near by meaning, as far as the query allows, nearest first.

        A phrase asks for words: with one, nothing is found by meaning alone.
        """
        refused = [set(self._refused(leaf)) for leaf in self.reader.leaves]
        for number, doc in similarity.near() if not self.query.phrases else ():
            post = self.reader.leaves[number].posts[doc]
            if doc not in refused[number] and (accepts is None or accepts(post)):
                yield number, doc

    def _score_content(
        self, leaf: LeafReader, lengths: Sequence[float]
    ) -> tuple[dict[int, float], dict[int, int], dict[str, dict[int, float]]]:
        scores, coverage = defaultdict[int, float](float), defaultdict[int, int](int)
        by_term = dict[str, dict[int, float]]()
        for term, bit in self.bits.items():
            by_term[term] = self._score_term(leaf, lengths, term)
            for doc, score in by_term[term].items():
                scores[doc] += score
                coverage[doc] |= bit
        return scores, coverage, by_term

    def _score_term(
        self, leaf: LeafReader, lengths: Sequence[float], term: str
    ) -> dict[int, float]:
        weight, found = self.weights[term], leaf.postings(term)
        scores = {
            doc: weight * _saturated(frequency, lengths[doc])
            for doc, frequency in zip(found.docs, found.frequencies, strict=True)
        }
        for doc in leaf.postings(term, "title").docs:
            scores[doc] += weight * IN_TITLE
        return scores

    def _add_synonyms(
        self,
        leaf: LeafReader,
        lengths: Sequence[float],
        synonyms: Synonyms,
        scores: dict[int, float],
        coverage: dict[int, int],
        by_term: Mapping[str, Mapping[int, float]],
    ) -> None:
        """Score synonyms in place of the words of the query, never on top of them."""
        run = [term for term in synonyms.run if term in self.bits]
        if not run:
            return
        worth = sum(self.weights[term] for term in run)
        bits = sum(self.bits[term] for term in set(run))
        best = dict[int, float]()
        for form in synonyms.forms:
            weight = SYNONYM * min(worth, max(self.weights[term] for term in form))
            for doc, frequency in phrase_frequencies(leaf, form).items():
                best[doc] = max(best.get(doc, 0.0), weight * _saturated(frequency, lengths[doc]))
        for doc, score in best.items():
            themselves = sum(by_term[term].get(doc, 0.0) for term in set(run))
            scores[doc] += max(0.0, score - themselves)
            coverage[doc] |= bits

    def _add_stopwords(
        self, leaf: LeafReader, lengths: Sequence[float], scores: dict[int, float]
    ) -> None:
        """Score stop words in posts that match already; they find no post of their own."""
        for term in self.stop_terms:
            weight, found = STOPWORD * self.weights[term], leaf.postings(term)
            for doc, frequency in zip(found.docs, found.frequencies, strict=True):
                if doc in scores:
                    scores[doc] += weight * _saturated(frequency, lengths[doc])

    def _allowed(self, leaf: LeafReader) -> set[int] | None:
        """Posts with all phrases of the query; None for a query without phrases."""
        if not self.query.phrases:
            return None
        return set.intersection(
            *(set(phrase_frequencies(leaf, p.terms)) for p in self.query.phrases)
        )

    def _refused(self, leaf: LeafReader) -> Iterator[int]:
        for clause in self.query.excluded:
            yield from phrase_frequencies(leaf, clause.terms)


def scored(
    reader: IndexReader,
    circle_id: UUID,
    query: ParsedQuery,
    weights: Weights,
    accepts: PostFilter | None = None,
    similarity: Similarity | None = None,
) -> list[ScoredPost]:
    """Matching posts of a circle, unordered. weights: see `idf_weights`.

    similarity: to the query; posts near by meaning match too, even without a query.
    """
    if not query.is_searchable and similarity is None:
        return []
    search = _Search(reader, query, weights)
    most = MOST * sum(weights[term] for term in search.content_terms) or 1.0
    hits = [
        (number, doc, score, coverage)
        for number in range(len(reader.leaves) if query.is_searchable else 0)
        for doc, (score, coverage) in search.leaf(number).items()
        if accepts is None or accepts(reader.leaves[number].posts[doc])
    ]
    proximity = _proximity(search, hits)
    scores = {
        (number, doc): (score + proximity.get((number, doc), 0.0)) / most
        for number, doc, score, _ in hits
    }
    coverages = {(number, doc): coverage for number, doc, _, coverage in hits}
    if similarity and (query.words or not query.is_searchable):
        scores = mixed(scores, similarity, search.near(similarity, accepts))
    every, shares = sum(search.bits.values()), _Shares(search)
    share = {
        location: 1.0 if found == every else shares[found] for location, found in coverages.items()
    }
    return [
        _scored(
            reader.leaves[location[0]].posts[location[1]],
            circle_id,
            score,
            share.get(location, 0.0),
            location not in share,
        )
        for location, score in scores.items()
    ]


def for_circle(reader: IndexReader, query: ParsedQuery) -> ParsedQuery:
    """The query in this circle's usage: capitals are an abbreviation where posts have it."""
    return replace(query, words=[_for_circle(reader, query, clause) for clause in query.words])


def idf_weights(reader: IndexReader, query: ParsedQuery) -> Weights:
    """Weight of each query term in a circle; common terms weigh next to nothing.

    Source: the inverse document frequency of Lucene's BM25, which is never negative.
    """
    frequencies = {term: reader.doc_frequency(term) for term in query.terms}
    return {
        term: log(1 + (reader.posts - many + 0.5) / (many + 0.5))
        for term, many in frequencies.items()
    }


def merged(all_found: Iterable[ScoredPost], order: Order) -> list[ScoredPost]:
    """Posts of several circles in one list, complete matches first.

    "best": by score, newer first among equals. "newest": by hour within three groups, complete
    matches, matches of half the best coverage or more, and the rest.
    """
    listed = list(all_found)
    enough = GOOD_ENOUGH * max((one.coverage for one in listed), default=0.0)

    def key(one: ScoredPost) -> tuple[Any, ...]:
        score = -round(one.score, 6)
        if order == "best":
            return one.coverage < 1, score, -one.hour, one.id
        return one.coverage < 1, one.coverage < enough, -one.hour, score, one.id

    return sorted(listed, key=key)


def phrase_frequencies(leaf: LeafReader, terms: Form) -> dict[int, int]:
    """Frequency of terms that stand next to each other in each post, by document number."""
    if len(terms) == 1:
        found = leaf.postings(terms[0])
        return dict(zip(found.docs, found.frequencies, strict=True))
    docs = set(leaf.postings(terms[0]).docs)
    for term in terms[1:]:
        docs &= set(leaf.postings(term).docs)
    ascending = sorted(docs)
    positions = [leaf.positions(term, ascending) for term in terms] if ascending else []
    runs = {doc: _runs([each[doc] for each in positions]) for doc in ascending}
    return {doc: many for doc, many in runs.items() if many}


class _Shares(dict[int, float]):
    """Coverage of a post, by the bits of its content terms."""

    def __init__(self, search: _Search) -> None:
        super().__init__()
        self._weights = [(bit, search.weights[term]) for term, bit in search.bits.items()]
        self._most = sum(weight for _, weight in self._weights) or 1.0

    def __missing__(self, coverage: int) -> float:
        there = sum(weight for bit, weight in self._weights if coverage & bit)
        self[coverage] = share = min(there / self._most, 0.999)
        return share


def _proximity(
    search: _Search, hits: Sequence[tuple[int, int, float, int]]
) -> dict[tuple[int, int], float]:
    """Proximity scores of the best posts, by segment and document number."""
    if len(search.content_terms) < 2:
        return {}
    best = nlargest(PROXIMITY_POSTS, hits, key=lambda hit: hit[2])
    by_leaf = defaultdict[int, list[int]](list)
    for number, doc, *_ in best:
        by_leaf[number].append(doc)
    return {
        (number, doc): score
        for number, docs in by_leaf.items()
        for doc, score in search.proximity(
            search.reader.leaves[number], search.lengths[number], sorted(docs)
        ).items()
    }


def _scored(
    kept: PostRecord, circle_id: UUID, score: float, coverage: float, near: bool
) -> ScoredPost:
    about = kept.hour, kept.revision, near
    return ScoredPost(kept.id, circle_id, kept.thread, score, coverage, *about)


def _for_circle(reader: IndexReader, query: ParsedQuery, clause: Clause) -> Clause:
    if not clause.plain or reader.doc_frequency(clause.terms[0]):
        return clause
    forms = [
        form
        for synonyms in query.synonyms
        if clause.terms[0] in synonyms.run
        for form in synonyms.forms
    ]
    if any(all(map(reader.doc_frequency, form)) for form in forms):
        return clause
    return replace(clause, terms=(clause.plain,))


def _saturated(frequency: float, length: float) -> float:
    """BM25 weight of a term frequency. length: of the post, over the mean of its circle.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009).
    """
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length))


def _nearness(one: Sequence[int], other: Sequence[int]) -> float:
    """Sum of reciprocal distances between two terms: adjacent words add 1."""
    nearness, first = 0.0, 0
    for position in one:
        while first < len(other) and other[first] < position - PROXIMITY_MAX:
            first += 1
        for there in other[first : first + 2 * PROXIMITY_MAX]:
            if there > position + PROXIMITY_MAX:
                break
            nearness += 1 / abs(there - position) if there != position else 0.0
    return nearness


def _runs(positions: Sequence[Sequence[int]]) -> int:
    """Number of runs in which terms follow each other. positions: of each term, ascending."""
    following = [set(each) for each in positions[1:]]
    return sum(
        all(start + step in there for step, there in enumerate(following, 1))
        for start in positions[0]
    )
