"""Texts before and after a change, side by side, with the words marked that differ."""

import re
from dataclasses import dataclass, field
from itertools import groupby

from rapidfuzz.distance import Indel

Piece = tuple[str, bool]  # text, and whether the other side lacks it
WORDS_MAX = 5_000  # of each text
_WORD = re.compile(r"\S+\s*|\s+")  # with the blanks after it: alone they would be alike


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both texts in pieces, in order. is_marked: False where they are too long to compare."""

    before: list[Piece] = field(repr=False)
    now: list[Piece] = field(repr=False)
    is_marked: bool = True


def compared(before: str, now: str) -> Comparison:
    """Compare two texts word by word.

    Source: the longest common subsequence, by rapidfuzz in parallel bits: a few milliseconds
    whatever the words, where difflib takes a minute over texts that repeat one.
    """
    old, new = _WORD.findall(before), _WORD.findall(now)
    if max(len(old), len(new)) > WORDS_MAX:
        return Comparison([(before, False)], [(now, False)], is_marked=False)
    left, right = list[Piece](), list[Piece]()
    for step in Indel.opcodes(old, new):
        left.append(("".join(old[step.src_start : step.src_end]), step.tag != "equal"))
        right.append(("".join(new[step.dest_start : step.dest_end]), step.tag != "equal"))
    return Comparison(_joined(left), _joined(right))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of a kind joined to a piece; empty pieces left out."""
    there = filter(lambda piece: piece[0], pieces)
    return [
        ("".join(text for text, _ in run), differs)
        for differs, run in groupby(there, key=lambda piece: piece[1])
    ]
