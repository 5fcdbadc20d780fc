"""What clinicians write in more than one way, read from `clinical.toml`; it names its sources."""

import re
import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("clinical.toml").read_text())

SAME: list[list[str]] = _DATA["same"]  # several ways to say one thing
CAPITALS = frozenset[str](_DATA["capitals"])  # words, but abbreviations where in capitals
LITTLE = frozenset[str](_DATA["little"].split())  # words that carry little of a sentence
FORMS: dict[str, str] = _DATA["spellings"]["forms"]  # irregular -> plain
UNITS = {unit: name for name, units in _DATA["units"].items() for unit in units}

_WITHIN: dict[str, str] = _DATA["spellings"]["within"]
_PARTS = re.compile("|".join(sorted(_WITHIN, key=len, reverse=True)))
_ENDINGS = [(re.compile(f"(?<=.{{3}}){old}$"), new) for old, new in _DATA["spellings"]["endings"]]


def _pair(pair: str) -> str:
    """A pattern of two letters with "and" between them, as people type it."""
    first, second = pair.split("&")
    return rf"{first}(?:'?s)?(?: ?[&+/] ?| and | n ){second}(?:'?s)?"


# (the pattern of what is typed, the word, what else finds it)
WHOLE: list[tuple[str, str, tuple[str, ...]]] = [
    *((_pair(pair), pair, ()) for pair in _DATA["pairs"]),
    *((each["typed"], each["word"], tuple(each.get("also", ()))) for each in _DATA["whole"]),
]


def plainest(word: str) -> str:
    """A word in small letters, in the one spelling that all its spellings share."""
    word = FORMS.get(word, word)
    word = _PARTS.sub(lambda found: _WITHIN[found.group()], word)
    for pattern, new in _ENDINGS:
        word = pattern.sub(new, word)
    return word
