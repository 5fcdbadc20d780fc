"""Help with typing errors: a word that nobody wrote, and the nearest one that somebody did.

It comes from the indexes that are searched, which hold what can be read there now and no more.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from forum.search.asked import Asked, Item
from forum.search.book import Book
from forum.search.words import SAID_FROM, said

SHORT = 8  # letters; with fewer, one slip is believed, otherwise two


def instead(asked: Asked, books: Collection[Book]) -> dict[Item, str]:
    """For words of which none of these circles knows any form: the nearest that they do know."""
    unknown = {item: word for item, word in _spelled(asked) if not _is_known(asked, item, books)}
    if not unknown:
        return {}
    known = Counter[str]()
    for book in books:
        known.update(book.said)
    nearest = {item: _nearest(word, known) for item, word in unknown.items()}
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


def _nearest(word: str, known: Counter[str]) -> str | None:
    slips = 1 if len(word) < SHORT else 2
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=None)
    alike = [
        (slip, -known[each], each)
        for each, slip, _ in near
        if len(each) >= SAID_FROM and (each[0] == word[0] or slip < len(word) / 5)
    ]
    return min(alike)[2] if alike else None
