"""Texts before and after a change, side by side, with the words marked that differ."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

Piece = tuple[str, bool]  # text, and whether the other side lacks it
WORDS_MAX = 1_200  # of each text: comparing takes as long as their product
_WORD = re.compile(r"\S+\s*|\s+")  # with the blanks after it: alone they would be alike


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both texts in pieces, in order. is_marked: False where they are too long to compare."""

    before: list[Piece] = field(repr=False)
    now: list[Piece] = field(repr=False)
    is_marked: bool = True


def compared(before: str, now: str) -> Comparison:
    """Compare two texts word by word."""
    old, new = _WORD.findall(before), _WORD.findall(now)
    if max(len(old), len(new)) > WORDS_MAX:
        return Comparison([(before, False)], [(now, False)], is_marked=False)
    left, right = list[Piece](), list[Piece]()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, start_now, end_now in matcher.get_opcodes():
        differs = kind != "equal"
        for side, words in ((left, old[start:end]), (right, new[start_now:end_now])):
            if words:
                side.append(("".join(words), differs))
    return Comparison(left, right)
