"""Tokenizer for indexing, queries and highlighting alike.

No word is too short or too common to be indexed: AS, US, IT, U&E, 2WW and -ve are terms, and
their weight follows from how many posts of a circle have them. Spellings of a clinical word
share a term; see `vocabulary`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import category, combining, normalize

from whoosh.analysis import Token as IndexToken
from whoosh.analysis import Tokenizer
from whoosh.lang.porter import stem

from forum.search.vocabulary import CAPITALS, PATTERNS, UNITS, plainest

_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if category(chr(code))[0] == "M")
_APOSTROPHES = "'\u2019"
_LETTER = rf"[\w{_MARKS}]"
_PATTERN = "|".join(f"(?P<w{place}>{typed})" for place, (typed, *_) in enumerate(PATTERNS))
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
TOKEN = re.compile(
    r"(?<!\w)[+-][Vv][Ee](?!\w)"
    rf"|(?<!\w)(?i:{_PATTERN})(?!\w)"
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
STEM_MIN = 4  # letters: ibs, gas and his are left whole
HYPHENATED_MAX = 3  # parts of a word with hyphens that is one word too: pre-eclampsia
SPELLING_MIN = 4  # letters of a word that a typing error may have been meant for


@dataclass(frozen=True, slots=True)
class Token:
    """A word at its position.

    term: shared by inflected forms. also: further terms. acronym: the term of an abbreviation, for
    capitals whose letters are also an ordinary word.
    """

    start: int
    end: int
    term: str
    also: tuple[str, ...] = ()
    acronym: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms that find the word."""
        return (self.term, *self.also, self.acronym) if self.acronym else (self.term, *self.also)


def tokenize(text: str) -> Iterator[Token]:
    """Words of a text, in order."""
    text = _apart(text)
    run: list[Token] = []  # that hyphens tie together
    for found in TOKEN.finditer(text):
        word = _token(found)
        if run and not (word.start == run[-1].end + 1 and text[run[-1].end] == "-"):
            yield from _joined(text, run)
            run = []
        run.append(word)
    yield from _joined(text, run)


def spellings(text: str) -> set[str]:
    """Distinct words of a text in small letters, at least SPELLING_MIN of them, without numbers."""
    plain = (_plain(text[word.start : word.end]) for word in tokenize(text))
    return {each for each in plain if len(each) >= SPELLING_MIN and each.isalpha()}


@lru_cache(50_000)
def term(word: str) -> str:
    """The index term of a word: without capitals, accents and English endings, in one spelling.

    Source: the Porter stemmer, for words of letters alone with at least STEM_MIN of them.
    """
    inflected = _INFLECTED.fullmatch(word)
    plain = _plain(inflected[1] if inflected else word)
    if plain[:1].isdigit():
        return plain.replace(" ", "").rstrip(".,:/")
    if not (plain.isascii() and plain.isalpha()):
        return plain or word  # an accent on nothing is left as it is
    plain = plainest(plain)
    return str(stem(plain)) if len(plain) >= STEM_MIN else plain


def _plain(word: str) -> str:
    folded = word.casefold().translate(_LETTERS)
    plain = "".join(sign for sign in normalize("NFKD", folded) if not combining(sign))
    plain = re.sub(rf"[{_APOSTROPHES}]s$", "", plain)
    return re.sub(rf"[.{_APOSTROPHES}]", "", plain) or plain if not plain[:1].isdigit() else plain


def _token(found: re.Match[str]) -> Token:
    start, end, text = found.start(), found.end(), found.group()
    if found.lastgroup == "unit":
        number = found["number"]
        return Token(start, end, f"{number}{UNITS[found['unit'].lower()]}", (number,))
    if found.lastgroup:
        _, word, also = PATTERNS[int(found.lastgroup[1:])]
        return Token(start, end, word, tuple(map(term, also)))
    inflected = _INFLECTED.fullmatch(text)
    capitals = inflected[1] if inflected else text
    return Token(start, end, term(text), acronym=capitals if capitals in CAPITALS else "")


def _joined(text: str, run: list[Token]) -> Iterator[Token]:
    if 1 < len(run) <= HYPHENATED_MAX:
        first = run[0]
        together = term("".join(text[word.start : word.end] for word in run))
        yield Token(first.start, first.end, first.term, (*first.also, together), first.acronym)
        run = run[1:]
    yield from run


def _apart(text: str) -> str:
    return text.replace("_", " ")  # a mark of emphasis is no part of a word


class _IndexTokenizer(Tokenizer):  # type: ignore[misc]  # whoosh has no types
    """A Whoosh tokenizer: all terms of a word share its position."""

    def __call__(self, value: str, **_: Any) -> Iterator[IndexToken]:
        token = IndexToken(True, False, mode="index")
        token.stopped, token.boost = False, 1.0
        for position, word in enumerate(tokenize(value)):
            token.pos, token.startchar, token.endchar = position, word.start, word.end
            for each in dict.fromkeys(word.terms):
                token.text = each
                yield token


TOKENIZER = _IndexTokenizer()
