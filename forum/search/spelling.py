"""Spelling correction: a word that no post has is replaced by the nearest word of a post.

Words come from the searched indexes only, which hold posts that are readable now.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from forum.search.engine.reader import IndexReader
from forum.search.query_parser import Clause, ParsedQuery
from forum.search.tokenizer import SPELLING_MIN, spellings

SHORT = 8  # letters; with fewer, one slip is believed, otherwise two
HELPED_MAX = 5  # words of a query: where more are unknown, it is in no need of this


def corrections(query: ParsedQuery, readers: Collection[IndexReader]) -> dict[Clause, str]:
    """The nearest known word for each word that none of these circles has in any form."""
    unknown = {item: word for item, word in _spelled(query) if not _is_known(query, item, readers)}
    if len(unknown) > HELPED_MAX:
        return {}
    nearest = {item: _nearest(word, readers) for item, word in unknown.items()}
    return {item: word for item, word in nearest.items() if word}


def _spelled(query: ParsedQuery) -> Iterator[tuple[Clause, str]]:
    """Clauses that may be misspelled, with their spelling: no numbers, no short words."""
    for item in query.content_words:
        letters = spellings(item.text)
        if len(letters) == 1 and len(item.terms) == 1:
            yield item, letters.pop()


def _is_known(query: ParsedQuery, item: Clause, readers: Collection[IndexReader]) -> bool:
    forms = [
        form
        for synonyms in query.synonyms
        if item.terms[0] in synonyms.run
        for form in synonyms.forms
    ]
    return any(
        any(all(map(reader.doc_frequency, form)) for form in [item.terms, *forms])
        for reader in readers
    )


def _nearest(word: str, readers: Collection[IndexReader]) -> str | None:
    """The word with the fewest slips, and among equals the most common."""
    slips, frequencies = dict[str, int](), Counter[str]()
    for proximity, slip, posts in _proximity(word, readers):
        slips[proximity] = slip
        frequencies[proximity] += posts
    alike = [
        (slip, -frequencies[proximity], proximity)
        for proximity, slip in slips.items()
        if proximity[0] == word[0] or slip < len(word) / 5
    ]
    return min(alike)[2] if alike else None


def _proximity(word: str, readers: Collection[IndexReader]) -> Iterator[tuple[str, int, int]]:
    """Triples of (near word, number of slips, number of posts in a segment)."""
    most = 1 if len(word) < SHORT else 2
    lengths = range(max(SPELLING_MIN, len(word) - most), len(word) + most + 1)
    for leaf in (leaf for reader in readers for leaf in reader.leaves):
        for known, posts in leaf.spelled(lengths):
            found = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
            for proximity, slip, index in found:
                yield proximity, int(slip), posts[index]
