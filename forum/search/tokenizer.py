"""Text into words, alike for what is kept, what is asked and what is highlighted.

Nothing is too short or too common to be a word here: AS, US, IT, U&E, 2WW and -ve are all kept,
and how rare a word is in its circle decides what it weighs. What clinicians write in several ways
is one word in all of them; see `clinical`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import category, combining, normalize

from whoosh.analysis import Token, Tokenizer
from whoosh.lang.porter import stem

from forum.search.vocabulary import CAPITALS, UNITS, WHOLE, plainest

_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if category(chr(code))[0] == "M")
_APOSTROPHES = "'\u2019"
_LETTER = rf"[\w{_MARKS}]"
_WHOLE = "|".join(f"(?P<w{place}>{typed})" for place, (typed, *_) in enumerate(WHOLE))
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
TOKEN = re.compile(
    r"(?<!\w)[+-][Vv][Ee](?!\w)"
    rf"|(?<!\w)(?i:{_WHOLE})(?!\w)"
    rf"|(?P<number>\d+(?:[.,:/]\d+)*) ?(?P<unit>(?i:{_UNIT}))(?!\w)"  # 5 mg
    r"|(?<![\w/])\d{2,3} ?/ ?\d{2,3}(?![\w/])"  # 120 / 80
    r"|\d+(?:[.,:/]\d+)+"  # 38.5, 3/7
    rf"|{_LETTER}(?:[./&]{_LETTER})+(?!{_LETTER})"  # U&E, c/o, p.r.n.
    rf"|{_LETTER}+(?:[&{_APOSTROPHES}]{_LETTER}+)*"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]"  # a sign that stands for a word
)
_INFLECTED = re.compile(rf"([A-Z]{{2,}})[{_APOSTROPHES}]?(?:s|d|ed|ing)")  # GPs, DNA'd
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l"}
    | {"\u03b1": "alpha", "\u03b2": "beta", "\u03b3": "gamma"}
)
STEMMED_FROM = 4  # letters: ibs, gas and his are left whole
JOINED_MAX = 3  # parts of a word with hyphens that is one word too: pre-eclampsia
SAID_FROM = 4  # letters of a word that a typing error may have been meant for


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place.

    key: what it is known by, alike for its other forms. also: what else finds it. sense: what it
    is known by as an abbreviation, where its capitals make it one and its letters another word.
    """

    start: int
    end: int
    key: str
    also: tuple[str, ...] = ()
    sense: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """All that it is found by."""
        return (self.key, *self.also, self.sense) if self.sense else (self.key, *self.also)


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    text = _apart(text)
    run: list[Word] = []  # that hyphens tie together
    for found in TOKEN.finditer(text):
        word = _word(found)
        if run and not (word.start == run[-1].end + 1 and text[run[-1].end] == "-"):
            yield from _joined(text, run)
            run = []
        run.append(word)
    yield from _joined(text, run)


def said(text: str) -> set[str]:
    """The words of a text as they are spelled: small letters alone, SAID_FROM of them or more."""
    plain = (_plain(text[word.start : word.end]) for word in words(text))
    return {each for each in plain if len(each) >= SAID_FROM and each.isalpha()}


@lru_cache(50_000)
def key(word: str) -> str:
    """What a word is known by: without capitals, accents, an English ending, in one spelling.

    Source: the Porter stemmer, for what is letters alone and has at least STEMMED_FROM of them.
    """
    inflected = _INFLECTED.fullmatch(word)
    plain = _plain(inflected[1] if inflected else word)
    if plain[:1].isdigit():
        return plain.replace(" ", "").rstrip(".,:/")
    if not (plain.isascii() and plain.isalpha()):
        return plain or word  # an accent on nothing is left as it is
    plain = plainest(plain)
    return str(stem(plain)) if len(plain) >= STEMMED_FROM else plain


def _plain(word: str) -> str:
    folded = word.casefold().translate(_LETTERS)
    plain = "".join(sign for sign in normalize("NFKD", folded) if not combining(sign))
    plain = re.sub(rf"[{_APOSTROPHES}]s$", "", plain)
    return re.sub(rf"[.{_APOSTROPHES}]", "", plain) or plain if not plain[:1].isdigit() else plain


def _word(found: re.Match[str]) -> Word:
    start, end, text = found.start(), found.end(), found.group()
    if found.lastgroup == "unit":
        number = found["number"]
        return Word(start, end, f"{number}{UNITS[found['unit'].lower()]}", (number,))
    if found.lastgroup:
        _, word, also = WHOLE[int(found.lastgroup[1:])]
        return Word(start, end, word, tuple(map(key, also)))
    inflected = _INFLECTED.fullmatch(text)
    capitals = inflected[1] if inflected else text
    return Word(start, end, key(text), sense=capitals if capitals in CAPITALS else "")


def _joined(text: str, run: list[Word]) -> Iterator[Word]:
    if 1 < len(run) <= JOINED_MAX:
        first = run[0]
        together = key("".join(text[word.start : word.end] for word in run))
        yield Word(first.start, first.end, first.key, (*first.also, together), first.sense)
        run = run[1:]
    yield from run


def _apart(text: str) -> str:
    return text.replace("_", " ")  # what Markdown emphasises is no part of the word


class _Keys(Tokenizer):  # type: ignore[misc]  # whoosh has no types
    """Every key of a word stands in its one place."""

    def __call__(self, value: str, **_: Any) -> Iterator[Token]:
        token = Token(True, False, mode="index")
        token.stopped, token.boost = False, 1.0
        for place, word in enumerate(words(value)):
            token.pos, token.startchar, token.endchar = place, word.start, word.end
            for each in dict.fromkeys(word.keys):
                token.text = each
                yield token


KEYS = _Keys()
