"""Scores by meaning: how near posts of a circle lie to a vector, mixed with their scores by words.

Only statistics of their own circle enter, as for words: see `ranking`. The numbers were chosen on
Cranfield and on searches of one word: see docs/benchmarks/relevance.md.
"""

from collections.abc import Iterable, Mapping
from itertools import islice

from forum.search.engine.reader import IndexReader
from forum.search.sentence_encoder import SentenceVector

WEIGHT = 0.5  # of meaning; words have the rest
NEAR_MIN = 0.15  # cosine; nearer than most posts on other subjects
NEAR_MAX = 50  # posts of a circle that are found by meaning alone

Place = tuple[int, int]  # of a post in an index: segment and document number


class Similarity:
    """Cosines of a circle's posts with a vector. least: for posts to be near."""

    def __init__(
        self, reader: IndexReader, vector: SentenceVector, least: float = NEAR_MIN
    ) -> None:
        self._cosines: list[list[float]] = []
        near = list[tuple[float, Place]]()
        for number, leaf in enumerate(reader.leaves):
            vectors = leaf.vectors(vector.version)
            cosines = vectors.similarities(vector.numbers) if vectors else None
            self._cosines.append([] if cosines is None else cosines.tolist())
            for doc in () if cosines is None else (cosines >= least).nonzero()[0].tolist():
                if not leaf.reader.is_deleted(doc):
                    near.append((-self._cosines[number][doc], (number, doc)))
        self.near = [place for _, place in sorted(near)]  # nearest first

    def of(self, place: Place) -> float | None:
        """Cosine of a post, 0 at least; None for a missing vector."""
        number, doc = place
        cosine = self._cosines[number][doc] if self._cosines[number] else None
        return None if cosine is None or cosine != cosine else max(cosine, 0.0)


def mixed(
    by_words: Mapping[Place, float], similarity: Similarity, near: Iterable[Place]
) -> dict[Place, float]:
    """Scores of posts found by words, and of the NEAR_MAX nearest found by meaning alone.

    A score is the weighted sum of the score by words and the cosine, each over the best of its kind
    in the circle. It is multiplied by the weighted sum of both bests, so that results of several
    circles can be merged. A post without a vector has its score by words count for both.
    """
    alone = islice((place for place in near if place not in by_words), NEAR_MAX)
    words = {**by_words, **dict.fromkeys(alone, 0.0)}
    cosines = {place: similarity.of(place) for place in words}
    known = [cosine for cosine in cosines.values() if cosine is not None]
    best, nearest = max(words.values(), default=0.0), max(known, default=0.0)
    if not nearest:
        return words
    strength = (1 - WEIGHT) * best + WEIGHT * nearest

    def share(place: Place) -> float:
        said = words[place] / best if best else 0.0
        cosine = cosines[place]
        meant = said if cosine is None else cosine / nearest
        return strength * ((1 - WEIGHT) * said + WEIGHT * meant)

    return {place: share(place) for place in words}
