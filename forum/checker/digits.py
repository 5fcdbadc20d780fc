"""Digits as people write them: in groups, with spaces, dots, slashes or line ends, or in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_RUN = re.compile(
    r"(?:(?<![^\W_])|(?<=nhs|chi|phn|mrn|tel|NHS|CHI|PHN|MRN|Tel|TEL))\d(?:[ \t\n./()\-·_]{0,4}\d)*"
)
_GROUP = re.compile(r"\d+")
_LETTER_O_OR_L = re.compile(
    r"(?<=\d)[OoIl]+(?=[ \-]?\d)|(?<=\d[ \-])[OoIl](?=\d)|(?<![^\W_])[Oo](?=\d{4} ?\d{3})"
    r"|(?<=\d[ \-])O{2,4}(?=[ \-])|(?<=O[ \-])O{2,4}(?=\d)"
)
_AS_DIGITS = str.maketrans("OoIl", "0011")
_NUMERALS = (
    "zero", "oh", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight",
    "nine",
)  # fmt: skip
_VALUES = dict(zip(_NUMERALS, "000123456789", strict=True))
_NUMERAL = f"(?:{'|'.join(_NUMERALS)})"
_SPELT = re.compile(
    rf"\b(?:(?:double|triple|treble)[ \-])?(?:{_NUMERAL}|\d{{1,4}}(?=[ \-,]))"
    rf"(?:[ ,\-]{{1,3}}(?:(?:double|triple|treble)[ \-])?(?:{_NUMERAL}|\d{{1,4}}))" + r"{3,40}\b"
)
_WORD = re.compile(r"[a-z]+|\d+")
# Ways to group a number of a person, as its issuer or people print it.
SHAPES = frozenset({
    (10,), (3, 3, 4), (6, 4), (2, 2, 2, 4), (5, 5), (4, 3, 3), (4, 6), (2, 8), (9,), (3, 3, 3),
    (11,), (4, 5, 1), (4, 5, 1, 1), (4, 5, 2), (10, 1), (16,), (4, 4, 4, 4), (8, 8), (6, 10),
    (5, 6), (3, 4, 4), (5, 3, 3), (4, 3, 4), (4, 7), (2, 4, 4), (1, 3, 3, 4), (3, 8), (3, 7),
    (4, 4), (8,), (7,), (3, 4), (2, 3, 4), (5, 4), (3, 5), (3, 6), (1, 10), (2, 4, 3, 3),
    (2, 10), (2, 3, 3, 4), (1, 8), (2, 9), (2, 1, 4, 4), (2, 3, 3, 3), (2, 4, 6), (3, 2, 3, 4),
    (3, 2, 7),
})  # fmt: skip
_MOST_GROUPS = 5
_DIGITS_MIN, _DIGITS_MAX = 6, 16


@dataclass(frozen=True, slots=True)
class Number:
    """A number of 6 to 16 digits at text[start:end]; groups: how many digits stand together."""

    digits: str
    start: int
    end: int
    groups: tuple[int, ...]
    gaps: frozenset[str]  # separators of the groups, without spaces and line ends
    whole: bool  # no more digits follow or precede across a gap

    @property
    def plain(self) -> bool:
        """Grouped as numbers of people are: in a known shape, or parted evenly."""
        return self.groups in SHAPES or len(self.gaps) <= 1 or self.gaps <= {"", "-"}


def as_digits(text: str) -> str:
    """`text` with the letters O and l as 0 and 1 where they stand among digits; of equal length."""
    return _LETTER_O_OR_L.sub(lambda found: found.group().translate(_AS_DIGITS), text)


def numbers(text: str, small: str) -> Iterator[Number]:
    """Every way to read a number in `text`, in order of start; the longest reading first.

    text: normalised; small: the text in small letters. A run of digits is read whole, line by
    line, and in groups that have the shape of some number; the work grows with its length.
    """
    text = as_digits(text)
    for run in _RUN.finditer(text):
        yield from _readings(text, run.start(), run.end())
    for spelt in _SPELT.finditer(small):
        digits = _spelt(spelt.group()) if any(map(str.isalpha, spelt.group())) else ""
        if _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
            yield Number(digits, *spelt.span(), (len(digits),), frozenset(), True)


def _readings(text: str, start: int, end: int) -> Iterator[Number]:
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    whole = sum(stop - begin for begin, stop in groups)
    if _DIGITS_MIN <= whole <= _DIGITS_MAX:
        yield _number(text, groups, whole=True)
    if len(groups) > 1:
        yield from _lines(text, groups)
        yield from _shaped(text, groups)


def _lines(text: str, groups: list[tuple[int, int]]) -> Iterator[Number]:
    """Groups of one line each, where a run of digits goes on over several lines."""
    line = [groups[0]]
    for group in [*groups[1:], (-1, -1)]:
        if group[0] < 0 or "\n" in text[line[-1][1] : group[0]]:
            length = sum(stop - begin for begin, stop in line)
            if len(line) < len(groups) and _DIGITS_MIN <= length <= _DIGITS_MAX:
                yield _number(text, line, whole=True)
            line = []
        line.append(group)


def _shaped(text: str, groups: list[tuple[int, int]]) -> Iterator[Number]:
    """Neighbouring groups whose lengths are one of SHAPES, fewer than all."""
    lengths = [stop - begin for begin, stop in groups]
    for first in range(len(groups)):
        for count in range(min(_MOST_GROUPS, len(groups) - first), 0, -1):
            shape = tuple(lengths[first : first + count])
            if count < len(groups) and shape in SHAPES and sum(shape) >= _DIGITS_MIN:
                yield _number(text, groups[first : first + count], whole=False)


def _number(text: str, groups: list[tuple[int, int]], *, whole: bool) -> Number:
    digits = "".join(text[begin:end] for begin, end in groups)
    between = (text[a[1] : b[0]] for a, b in pairwise(groups))
    gaps = frozenset("".join(gap.split()) for gap in between)
    lengths = tuple(stop - begin for begin, stop in groups)
    return Number(digits, groups[0][0], groups[-1][1], lengths, gaps, whole)


def _spelt(words: str) -> str:
    """ "double oh three" -> "003"."""
    digits, times = "", 1
    for word in _WORD.findall(words):
        if word in _VALUES or word.isdigit():
            digits, times = digits + _VALUES.get(word, word) * times, 1
        else:
            times = 2 if word == "double" else 3
    return digits
