"""Texts to fill circles with, of realistic length: from a file, or invented.

A file holds JSON lines with "text" and an optional "title", like clinical reports. Without a file,
texts consist of invented words, a few common and most rare.
"""

import json
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

LENGTH = 120  # words of a post, on average
VOCABULARY = 30_000  # invented words
SYLLABLES = [first + vowel for first in "bcdfghlmnprstv" for vowel in ("a", "e", "i", "o", "ou")]


class Reports:
    """An endless supply of titles and texts, reproducible by seed."""

    def __init__(self, path: Path | None, chance: Random) -> None:
        self._chance = chance
        self._texts = _read(path) if path else []
        self._words = [] if path else _invented(chance)
        self._often = [*accumulate(1 / (rank + 10) for rank in range(len(self._words)))]

    def one(self) -> tuple[str, str]:
        """A post's (title, text)."""
        many = max(20, round(self._chance.gauss(LENGTH, LENGTH / 3)))
        words = self._passage(many)
        first = self._chance.randrange(len(words) - 5)
        return " ".join(words[first : first + 5]), " ".join(words)

    def question(self, text: str) -> str:
        """Two to four words of a text, as if remembered; sometimes with a typing error."""
        words = [word.strip(".,;:()") for word in text.split()]
        telling = [word for word in words if len(word) > 4 and word.isalpha()] or words
        asked = self._chance.sample(telling, min(len(telling), self._chance.randint(2, 4)))
        if self._chance.random() < 0.1:
            place = self._chance.randrange(len(asked))
            at = self._chance.randrange(1, max(2, len(asked[place])))
            asked[place] = asked[place][:at] + asked[place][at + 1 :]
        return " ".join(asked)

    def _passage(self, many: int) -> list[str]:
        if not self._texts:
            return self._chance.choices(self._words, cum_weights=self._often, k=many)
        words = self._chance.choice(self._texts)
        first = self._chance.randrange(max(1, len(words) - many))
        return words[first : first + many]


def _read(path: Path) -> list[list[str]]:
    texts = (json.loads(line)["text"].split() for line in path.read_text().splitlines())
    return [words for words in texts if len(words) >= 20]


def _invented(chance: Random) -> list[str]:
    return [*_distinct(chance)]


def _distinct(chance: Random) -> Iterator[str]:
    known = set[str]()
    while len(known) < VOCABULARY:
        word = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))
        if word not in known:
            known.add(word)
            yield word
