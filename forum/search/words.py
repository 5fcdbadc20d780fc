"""Text into words, alike for what is kept, what is asked and what is highlighted.

Nothing is too short or too common to be a word here: AS, US, IT, U&E, 2WW and -ve are all kept,
and how rare a word is in its circle decides what it weighs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import category, combining, normalize

from whoosh.analysis import Filter, RegexTokenizer, Token
from whoosh.lang.porter import stem

_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if category(chr(code))[0] == "M")
_APOSTROPHES = "'\u2019"
_LETTER = rf"[\w{_MARKS}]"
TOKEN = re.compile(
    r"(?<!\w)[+-][Vv][Ee](?!\w)"
    r"|\d+(?:[.,:/]\d+)+"  # 38.5, 120/80, 3/7
    rf"|{_LETTER}(?:[./&]{_LETTER})+(?!{_LETTER})"  # U&E, c/o, p.r.n.
    rf"|{_LETTER}+(?:[&{_APOSTROPHES}]{_LETTER}+)*"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]"  # a sign that stands for a word
)
_PLURAL = re.compile(r"[A-Z]{2,}s")  # GPs, ECGs
STEMMED_FROM = 4  # letters: ibs, gas and his are left whole


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place. key: what it is known by, alike for its other forms."""

    start: int
    end: int
    key: str


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for found in TOKEN.finditer(_apart(text)):
        yield Word(found.start(), found.end(), key(found.group()))


@lru_cache(50_000)
def key(word: str) -> str:
    """What a word is known by: without capitals, accents, an English ending.

    Source: the Porter stemmer, for what is letters alone and has at least STEMMED_FROM of them.
    """
    whole = word[:-1] if _PLURAL.fullmatch(word) else word
    plain = "".join(sign for sign in normalize("NFKD", whole.casefold()) if not combining(sign))
    if plain[:1].isdigit():
        return plain.rstrip(".,:/")
    plain = re.sub(rf"[{_APOSTROPHES}]s$", "", plain)
    plain = re.sub(rf"[.{_APOSTROPHES}]", "", plain) or plain
    stemmed = plain.isascii() and plain.isalpha() and len(plain) >= STEMMED_FROM
    return stem(plain) if stemmed else plain or whole  # an accent on nothing is left as it is


def _apart(text: str) -> str:
    return text.replace("_", " ")  # what Markdown emphasises is no part of the word


class _Tokens(RegexTokenizer):  # type: ignore[misc]  # whoosh has no types
    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        yield from super().__call__(_apart(value), **options)


class _Keys(Filter):  # type: ignore[misc]  # whoosh has no types
    def __call__(self, tokens: Iterable[Token]) -> Iterator[Token]:
        for token in tokens:
            token.text = key(token.text)
            yield token


ANALYZER = _Tokens(TOKEN) | _Keys()
