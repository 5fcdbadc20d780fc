"""Help with typing errors: a word that nobody wrote, and the nearest one that somebody did.

It comes from the indexes that are searched, which hold what can be read there now and no more.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from forum.search.engine.reader import Book
from forum.search.query_parser import Asked, Item
from forum.search.tokenizer import SAID_FROM, said

SHORT = 8  # letters; with fewer, one slip is believed, otherwise two
HELPED_MAX = 5  # words of a query: where more are unknown, it is in no need of this


def instead(asked: Asked, books: Collection[Book]) -> dict[Item, str]:
    """For words of which none of these circles knows any form: the nearest that they do know."""
    unknown = {item: word for item, word in _spelled(asked) if not _is_known(asked, item, books)}
    if len(unknown) > HELPED_MAX:
        return {}
    nearest = {item: _nearest(word, books) for item, word in unknown.items()}
    return {item: word for item, word in nearest.items() if word}


def _spelled(asked: Asked) -> Iterator[tuple[Item, str]]:
    """The words that may be typing errors, as they are spelled: no numbers, no short ones."""
    for item in asked.telling:
        letters = said(item.text)
        if len(letters) == 1 and len(item.keys) == 1:
            yield item, letters.pop()


def _is_known(asked: Asked, item: Item, books: Collection[Book]) -> bool:
    forms = [form for kin in asked.kin if item.keys[0] in kin.run for form in kin.forms]
    return any(any(all(map(book.having, form)) for form in [item.keys, *forms]) for book in books)


def _nearest(word: str, books: Collection[Book]) -> str | None:
    """The word with the fewest slips in it, and of these the one that most posts have."""
    slips, often = dict[str, int](), Counter[str]()
    for near, slip, posts in _near(word, books):
        slips[near] = slip
        often[near] += posts
    alike = [
        (slip, -often[near], near)
        for near, slip in slips.items()
        if near[0] == word[0] or slip < len(word) / 5
    ]
    return min(alike)[2] if alike else None


def _near(word: str, books: Collection[Book]) -> Iterator[tuple[str, int, int]]:
    """(a word that is near enough, how many slips away, how many posts of a segment have it)"""
    most = 1 if len(word) < SHORT else 2
    lengths = range(max(SAID_FROM, len(word) - most), len(word) + most + 1)
    for leaf in (leaf for book in books for leaf in book.leaves):
        for known, posts in leaf.spelled(lengths):
            found = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
            for near, slip, place in found:
                yield near, int(slip), posts[place]
