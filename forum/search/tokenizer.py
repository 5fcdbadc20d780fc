"""Tokenizer for indexing, queries and highlighting alike.

No word is too short or too common to be indexed: AS, US, IT, U&E, 2WW and -ve are terms, and
their weight follows from how many posts of a circle have them. Spellings of a clinical word
share a term; see `vocabulary`. A number's term is its value; see `numbers`.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import category, combining, normalize

from snowballstemmer import stemmer
from whoosh.analysis import Token as IndexToken
from whoosh.analysis import Tokenizer

from forum.search.numbers import NUMBER, NUMBER_SIGNS, number_terms
from forum.search.vocabulary import (
    ABBREVIATED,
    APART,
    CAPITALS,
    PATTERNS,
    UNITS,
    families,
    plainest,
)

_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if category(chr(code))[0] == "M")
_APOSTROPHES = "'\u2019"
_LETTER = rf"[\w{_MARKS}]"
_PATTERN = "|".join(f"(?P<w{place}>{typed})" for place, (typed, *_) in enumerate(PATTERNS))
TOKEN = re.compile(
    r"(?<!\w)[+-][Vv][Ee](?!\w)"
    rf"|(?<!\w)(?i:{_PATTERN})(?!\w)"
    rf"|(?=[.\d\u00bc-\u00be])(?P<number>{NUMBER})"
    rf"|{_LETTER}(?:[./&]{_LETTER})+(?!{_LETTER})"  # U&E, c/o, p.r.n.
    r"|[^\W\d_]{2,}+(?=\d)"  # CRP143: the number is a token of its own
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

# Soft hyphens, joiners and marks of direction, which a reader does not see.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SIGNS = str.maketrans(
    {"_": " ", "\u2010": "-", "\u2011": "-"}  # a mark of emphasis is no part of a word
    | {"\u00ba": "\u00b0", "\u2044": "/", "\u2215": "/"}
    | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
    | NUMBER_SIGNS
)
# Between two tokens: the end of a sentence, of a block or list item, or of a cell.
_BOUNDARY = re.compile(
    r"(?P<stop>\.)[\"'\u201d\u2019)\]]*\s|[!?\u2026][\"'\u201d\u2019)\]]*\s|\t|\n\s*\n|\n\s*[\u2022>*]"
)
Terms = tuple[str, tuple[str, ...], str]
Found = tuple[int, int, str, tuple[str, ...], str]  # start, end, and these

_STEMMER: Callable[[str], str] = stemmer("english").stemWord


class Token(NamedTuple):
    """A word at its position.

    start, end: in characters. position: in words; a boundary of sentences, blocks or cells counts
    as a word, so that no phrase crosses it. term: shared by inflected forms. also: further terms.
    acronym: the term of an abbreviation, for capitals whose letters are also an ordinary word.
    """

    start: int
    end: int
    term: str
    also: tuple[str, ...] = ()
    acronym: str = ""
    position: int = 0

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms that find the word."""
        return (self.term, *self.also, self.acronym) if self.acronym else (self.term, *self.also)


def tokenize(text: str) -> Iterator[Token]:
    """Words of a text, in order."""
    plain, starts = _cleaned(text)
    position, last = -1, 0
    for start, end, main, also, acronym in _found(plain):
        position += 1
        if start != last + 1 or plain[last] not in " -/":  # most words are a space apart
            position += position > 0 and _parted(plain, last, start)
        last = end
        if starts:
            start, end = starts[start], starts[end - 1] + 1
        yield Token(start, end, main, also, acronym, position)


def spellings(text: str) -> set[str]:
    """Distinct words of a text in small letters, at least SPELLING_MIN of them, without numbers."""
    text, _ = _cleaned(text)
    plain = (_plain(text[start:end]) for start, end, *_ in _found(text))
    return {each for each in plain if len(each) >= SPELLING_MIN and each.isalpha()}


@lru_cache(50_000)
def term(word: str) -> str:
    """The index term of a word: without capitals, accents and English endings, in one spelling.

    Source: the English stemmer of Snowball ("Porter2"), for words of letters alone with at least
    STEM_MIN of them; joined to its family where the stemmer does not.
    """
    inflected = _INFLECTED.fullmatch(word)
    plain = _plain(inflected[1] if inflected else word)
    if not (plain.isascii() and plain.isalpha()):
        return UNITS.get(plain) or plain or word  # an accent on nothing is left as it is
    if len(plain) > 1 and plain in UNITS:
        return UNITS[plain]
    if own := APART.get(plain):
        return own
    stem = _stem(plain)
    return _families().get(stem, stem)


def _stem(plain: str) -> str:
    plain = plainest(plain)
    return _STEMMER(plain) if len(plain) >= STEM_MIN else plain


@lru_cache(1)
def _families() -> dict[str, str]:
    """The stem of each family's first word, by the stems of the others."""
    stems = ([_stem(_plain(word)) for word in family] for family in families())
    return {stem: first for first, *others in stems for stem in others}


def _plain(word: str) -> str:
    folded = word.casefold().translate(_LETTERS)
    plain = "".join(sign for sign in normalize("NFKD", folded) if not combining(sign))
    plain = re.sub(rf"[{_APOSTROPHES}]s$", "", plain)
    return re.sub(rf"[.{_APOSTROPHES}]", "", plain) or plain


def _cleaned(text: str) -> tuple[str, list[int]]:
    """A text with signs replaced, without invisible characters; and for each of its characters
    the one it was, or an empty list where none was left out."""
    text = text.translate(_SIGNS)
    if not _INVISIBLE.search(text):
        return text, []
    starts = [at for at, sign in enumerate(text) if not _INVISIBLE.match(sign)]
    return "".join(text[at] for at in starts), starts


def _found(text: str) -> Iterator[Found]:
    run: list[Found] = []  # that hyphens tie together
    for match in TOKEN.finditer(text):
        start, end = match.span()
        found = (start, end, *_terms(match.group(), match.lastgroup))
        if run and start != run[-1][1] + 1:
            yield from _joined(text, run)
            run = []
        if text[end : end + 1] == "-":
            run.append(found)
        elif run:
            yield from _joined(text, [*run, found])
            run = []
        else:
            yield found
    yield from _joined(text, run)


@lru_cache(50_000)
def _terms(text: str, group: str | None) -> Terms:
    """Term, further terms and acronym of a match of TOKEN."""
    if group == "number":
        main, *also = number_terms(text)
        return main, tuple(also), ""
    if group:
        _, word, further = PATTERNS[int(group[1:])]
        return word, tuple(map(term, further)), ""
    inflected = _INFLECTED.fullmatch(text)
    capitals = inflected[1] if inflected else text
    return term(text), (), capitals if capitals in CAPITALS else ""


def _joined(text: str, run: list[Found]) -> Iterator[Found]:
    """Words tied by hyphens, the first with the term of all together; numbers are never joined."""
    parts = [text[start:end] for start, end, *_ in run]
    if 1 < len(run) <= HYPHENATED_MAX and not any(map(str.isdigit, "".join(parts))):
        start, end, main, also, acronym = run[0]
        yield start, end, main, (*also, term("".join(parts))), acronym
        run = run[1:]
    yield from run


def _parted(text: str, last: int, start: int) -> bool:
    """Whether a sentence, block or cell ends between two tokens."""
    if start - last < 2:
        return text[last:start] in "\t\n" and start > last and _is_break(text, last, start)
    found = _BOUNDARY.search(text, last, start)
    if not found:
        return "\n" in text[last:start] and _is_break(text, last, start)
    return not (found["stop"] and found.start() == last and _is_abbreviated(text, last))


def _is_break(text: str, last: int, start: int) -> bool:
    """Whether a line end parts two tokens, or only wraps a line."""
    line = text[text.rfind("\n", 0, last) + 1 : last]
    return "\t" in text[last:start] or "\t" in line or not text[start].islower()


def _is_abbreviated(text: str, last: int) -> bool:
    word = re.search(r"[\w.]*$", text[max(0, last - 12) : last])
    typed = word.group().lower() if word else ""
    return (len(typed) == 1 and typed.isalpha()) or "." in typed or typed in ABBREVIATED


class _IndexTokenizer(Tokenizer):  # type: ignore[misc]  # whoosh has no types
    """A Whoosh tokenizer: all terms of a word share its position."""

    def __call__(self, value: str, **_: Any) -> Iterator[IndexToken]:
        token = IndexToken(True, False, mode="index")
        token.stopped, token.boost = False, 1.0
        for word in tokenize(value):
            token.pos, token.startchar, token.endchar = word.position, word.start, word.end
            for each in dict.fromkeys(word.terms):
                token.text = each
                yield token


TOKENIZER = _IndexTokenizer()
