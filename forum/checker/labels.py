"""Labels beside a number which name its kind: "NHS", "Medicare", "ring"; read from data."""

import re
import tomllib
from bisect import bisect_left
from functools import cache

from forum.checker.word_lists import DATA

BEFORE, AFTER = 60, 24  # characters in which a label still speaks for a number


Beside = list[tuple[str, int]]  # labels near a number: (name, characters between)


def gap_of(name: str, beside: Beside) -> int | None:
    """Characters between a number and its first label of a name, or None."""
    return next((gap for label, gap in beside if label == name), None)


class Labels:
    """All labels of a text, for queries near a number."""

    def __init__(self, text: str) -> None:
        """text: normalised, in small letters."""
        self._found = [
            (found.start(), found.end(), found.lastgroup or "")
            for found in _pattern().finditer(text)
        ]

    def near(self, start: int, end: int) -> Beside:
        """Labels around text[start:end]: before it, nearest first, then after it."""
        first = bisect_left(self._found, (start - BEFORE, 0, ""))
        last = bisect_left(self._found, (end + AFTER, 0, ""))
        around = self._found[first:last]
        before = [(name, start - stop) for _, stop, name in around if stop <= start]
        after = [(name, begin - end) for begin, _, name in around if begin >= end]
        return before[::-1] + after

    def distance(self, name: str, start: int, end: int) -> int | None:
        """Characters between text[start:end] and the nearest label of a name, or None."""
        return gap_of(name, self.near(start, end))


@cache
def _pattern() -> re.Pattern[str]:
    labels: dict[str, str] = tomllib.loads((DATA / "numbers.toml").read_text())["labels"]
    whole = "|".join(f"(?P<{name}>{pattern})" for name, pattern in labels.items())
    return re.compile(rf"(?<![a-z0-9])(?=[a-z])(?:{whole})(?![a-z0-9])")
