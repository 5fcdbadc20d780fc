"""Data of clinical usage, read from files beside this module; each names its sources."""

import re
import tomllib
from pathlib import Path
from typing import Any


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text())


_DATA, _FAMILIES, _MEDICINES = map(_read, ("clinical.toml", "word_families.toml", "medicines.toml"))

SYNONYMS: list[list[str]] = [
    *_DATA["same"],
    *([approved, *names] for approved, names in _MEDICINES["names"].items() if names),
]
ABBREVIATED = frozenset[str](_DATA["abbreviated"].split())  # written with a full stop after it
APART: dict[str, str] = {
    word: line.split()[0] for line in _FAMILIES["apart"].split("\n") for word in line.split()
}
CAPITALS = frozenset[str](_DATA["capitals"])  # words, but abbreviations where in capitals
STOPWORDS = frozenset[str](_DATA["little"].split())  # words that carry little of a sentence
IRREGULAR: dict[str, str] = _DATA["spellings"]["forms"]  # irregular -> plain
UNITS: dict[str, str] = {unit: name for name, units in _DATA["units"].items() for unit in units}

_WITHIN: dict[str, str] = _DATA["spellings"]["within"]
_PARTS = re.compile("|".join(sorted(_WITHIN, key=len, reverse=True)))
_ENDINGS = [(re.compile(f"(?<=.{{3}}){old}$"), new) for old, new in _DATA["spellings"]["endings"]]


def families() -> list[list[str]]:
    """Families of words whose stems differ, each with its first word first."""
    return [line.split() for line in _FAMILIES["families"].split("\n") if line]


def _pair(pair: str) -> str:
    """A pattern for two letters joined by "and" in any notation."""
    first, second = pair.split("&")
    return rf"{first}(?:'?s)?(?: ?[&+/] ?| and | n ){second}(?:'?s)?"


# (pattern of the typed text, term, further terms)
PATTERNS: list[tuple[str, str, tuple[str, ...]]] = [
    *((_pair(pair), pair, ()) for pair in _DATA["pairs"]),
    *((each["typed"], each["word"], tuple(each.get("also", ()))) for each in _DATA["whole"]),
]


def plainest(word: str) -> str:
    """A lower-case word in the spelling shared by all variants."""
    word = IRREGULAR.get(word, word)
    word = _PARTS.sub(lambda found: _WITHIN[found.group()], word)
    for pattern, new in _ENDINGS:
        word = pattern.sub(new, word)
    return word
