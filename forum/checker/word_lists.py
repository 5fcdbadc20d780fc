"""Word lists of the checker: thousands of words in one byte string, opened when first asked."""

import gzip
import re
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import combining, normalize

DATA = Path(__file__).parent / "data"
_LINE = re.compile(rb"[^\n]*\n")
_LETTERS = str.maketrans("’øØłŁđĐıß", "'oOlLdDis")  # letters that no decomposition makes plain


class WordList:
    """Sorted lines searched by halves: a byte string and four bytes a line, no object a word."""

    def __init__(self, lines: bytes) -> None:
        """lines: sorted by bytes, each ended by a newline."""
        self._lines = lines
        self._starts = array("I", (found.start() for found in _LINE.finditer(lines)))

    def __contains__(self, word: str) -> bool:
        """Membership of a folded word or phrase; a beginning alone is no member."""
        return self.has_prefix(word + "\n")

    def __len__(self) -> int:
        """Number of lines."""
        return len(self._starts)

    def has_prefix(self, beginning: str) -> bool:
        """True where some line begins with `beginning`."""
        sought = beginning.encode()
        place = bisect_left(self._starts, sought, key=lambda start: self._lines[start : start + 64])
        return place < len(self) and self._lines.startswith(sought, self._starts[place])


@cache
def word_list(name: str) -> WordList:
    """The list of that name in `data`; opened once a process. Raises FileNotFoundError."""
    return WordList(gzip.decompress((DATA / f"{name}.txt.gz").read_bytes()))


@lru_cache(4096)
def has(name: str, word: str) -> bool:
    """Membership of a folded word in the list called `name`; the last few thousand are kept."""
    return word in word_list(name)


def folded(word: str) -> str:
    """`word` in small letters without accents, with plain apostrophes."""
    if word.isascii():
        return word.lower()
    letters = normalize("NFKD", word.translate(_LETTERS))
    return "".join(letter for letter in letters if not combining(letter)).lower()
