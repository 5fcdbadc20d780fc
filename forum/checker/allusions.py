"""Allusions: capital words that name nobody of the case, as in sayings, scores and books."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from forum.checker.word_lists import DATA, folded
from forum.checker.words import Reading

_SPLIT = re.compile(r"[,\n]+")
_NUMBER_AFTER = re.compile(
    r" (?:was |of |is |at |=|: ?)?\d{1,2}(?!\d|[:/]\d| ?(?:am|pm|st|nd|rd|th)\b)"
)
_YEAR_AFTER = re.compile(r",? \(?(?:19|20)\d\d\b| et al\b")


def allusions(reading: Reading) -> Iterator[tuple[int, int]]:
    """(start, end) of each allusion in a text; what begins inside is no person and no place."""
    for place, word in enumerate(reading.words):
        last = max(
            _phrase(reading, place),
            _idea(reading, place),
            _measure(reading, place),
            _likened(reading, place),
            _author(reading, place),
        )
        if last > place:
            yield word.start, reading.words[last - 1].end


def _phrase(reading: Reading, place: int) -> int:
    """End of a figure's whole name, or of a saying; `place` itself without one."""
    for phrase in _phrases().get(reading.words[place].key, ()):
        last = place + len(phrase)
        keys = tuple(word.key for word in reading.words[place:last])
        gaps = (word.gap for word in reading.words[place + 1 : last])
        if keys == phrase and all(gap in (" ", ", ", "-", ". ", ".", "' ") for gap in gaps):
            return last
    return place


def _idea(reading: Reading, place: int) -> int:
    """ "Hickam's dictum", "Worden's four tasks"."""
    word = reading.words[place]
    if not _is_plain_owner(reading, place) or not word.text.endswith("'s"):
        return place
    for last in (place + 1, place + 2):
        head = reading.at(last)
        if head.gap != " " or head.capital:
            return place
        if head.key in _list("ideas"):
            return last + 1
    return place


def _measure(reading: Reading, place: int) -> int:
    """ "Centor score", "Rockwood 6"."""
    word, head = reading.words[place], reading.at(place + 1)
    if not word.capital:
        return place
    if head.gap == " " and head.key in _list("measures"):
        return place + 2
    is_scored = word.key in _list("scales") and _NUMBER_AFTER.match(reading.small[word.end :][:20])
    return place + 1 if is_scored else place


def _likened(reading: Reading, place: int) -> int:
    """ "like Solomon", "the Wizard of Oz"."""
    word = reading.words[place]
    before = reading.small[max(0, word.start - 20) : word.start]
    is_likened = word.capital and word.key in _list("likened") and before.endswith(_likenings())
    return place + 1 if is_likened else place


def _author(reading: Reading, place: int) -> int:
    """ "(Borton, before Rolfe and Driscoll)", "Kahneman 2011"."""
    word = reading.words[place]
    if not word.capital or word.key not in _list("authors"):
        return place
    if _YEAR_AFTER.match(reading.text[word.end : word.end + 9]):
        return place + 1
    others = (reading.at(place + step) for step in (-3, -2, -1, 1, 2, 3))
    beside = any(
        each.capital and each.key in _list("authors") and each.key != word.key for each in others
    )
    between = reading.small[max(0, word.start - 12) : word.end + 12]
    return place + 1 if beside and re.search(r",| and | & |/|-", between) else place


def _is_plain_owner(reading: Reading, place: int) -> bool:
    """A capital word that by itself could be an author, and no given name.

    After a title it is a person all the same: the name begins with its title.
    """
    word = reading.words[place]
    return (
        word.capital
        and not reading.is_given(word.key)
        and not (reading.at(place - 1).capital and word.gap == " ")
    )


@cache
def _phrases() -> Mapping[str, list[tuple[str, ...]]]:
    """Phrases by their first word, longest first."""
    found = defaultdict[str, list[tuple[str, ...]]](list)
    for section in ("figures", "sayings"):
        for each in _SPLIT.split(_data()[section]):
            words = tuple(folded(word).removesuffix("'s") for word in each.split())
            if words:
                found[words[0]].append(words)
    return {first: sorted(phrases, key=len, reverse=True) for first, phrases in found.items()}


@cache
def _likenings() -> tuple[str, ...]:
    return tuple(f"{each.strip()} " for each in _data()["likening"].split(";"))


@cache
def _list(section: str) -> frozenset[str]:
    return frozenset(_data()[section].split())


@cache
def _data() -> dict[str, str]:
    return tomllib.loads((DATA / "allusions.toml").read_text())
