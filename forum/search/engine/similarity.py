"""Scores by meaning: how near posts of a circle lie to a vector, mixed with their scores by words.

Only statistics of their own circle enter, as for words: see `ranking`. The numbers were chosen on
Cranfield and on searches of one word: see docs/benchmarks/relevance.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from forum.search.engine.reader import IndexReader
from forum.search.sentence_encoder import SentenceVector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WEIGHT = 0.5  # of meaning; words have the rest
NEAR_MIN = 0.15  # cosine; nearer than most posts on other subjects
NEAR_MAX = 50  # posts of a circle that are found by meaning alone

Location = tuple[int, int]  # of a post in an index: segment and document number


class Similarity:
    """Cosines of a circle's posts with a vector. least: for posts to be near."""

    def __init__(
        self, reader: IndexReader, vector: SentenceVector, least: float = NEAR_MIN
    ) -> None:
        import numpy as np

        self._leaves, self._least = reader.leaves, least
        sizes = [len(leaf.posts) for leaf in reader.leaves]
        self._starts = [0, *accumulate(sizes)]
        self._cosines = np.full(self._starts[-1], np.nan)  # by row, segment after segment
        for leaf, start, size in zip(reader.leaves, self._starts, sizes, strict=False):
            if vectors := leaf.vectors(vector.version):
                self._cosines[start : start + size] = vectors.similarities(vector.numbers)

    def near(self) -> Iterator[Location]:
        """Posts, nearest first."""
        import numpy as np

        (rows,) = (self._cosines >= self._least).nonzero()
        nearest = rows[np.argsort(-self._cosines[rows], kind="stable")]
        numbers = np.searchsorted(self._starts, nearest, side="right") - 1
        for number, row in zip(numbers.tolist(), nearest.tolist(), strict=True):
            doc = row - self._starts[number]
            if not self._leaves[number].reader.is_deleted(doc):
                yield number, doc

    def of(self, locations: Iterable[Location]) -> "Numbers":
        """Cosines of posts, 0 at least; NaN for a missing vector."""
        import numpy as np

        starts = self._starts
        rows = np.fromiter((starts[number] + doc for number, doc in locations), np.intp)
        return np.asarray(np.maximum(self._cosines[rows], 0.0), np.float64)


def mixed(
    by_words: Mapping[Location, float], similarity: Similarity, near: Iterable[Location]
) -> dict[Location, float]:
    """Scores of posts found by words, and of the NEAR_MAX nearest found by meaning alone.

    A score is the weighted sum of the score by words and the cosine, each over the best of its kind
    in the circle. It is multiplied by the weighted sum of both bests, so that results of several
    circles can be merged. A post without a vector has its score by words count for both.
    """
    import numpy as np

    alone = islice((each for each in near if each not in by_words), NEAR_MAX)
    words = {**by_words, **dict.fromkeys(alone, 0.0)}
    cosines = similarity.of(words)
    best, nearest = max(words.values(), default=0.0), float(np.fmax.reduce(cosines, initial=0.0))
    if not nearest:
        return words
    strength = (1 - WEIGHT) * best + WEIGHT * nearest
    said = np.fromiter(words.values(), np.float64, len(words)) / (best or 1.0)
    meant = np.where(np.isnan(cosines), said, cosines / nearest)
    scores = strength * ((1 - WEIGHT) * said + WEIGHT * meant)
    return dict(zip(words, scores.tolist(), strict=True))
