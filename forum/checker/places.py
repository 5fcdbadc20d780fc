"""Places and organisations of a text, and whether it mentions a place of few people."""

import re
from collections.abc import Iterator
from functools import cache

from forum.checker.organisations import organisations
from forum.checker.place_words import place_data
from forum.checker.spots import Spot
from forum.checker.towns import towns
from forum.checker.words import Reading


def places(reading: Reading) -> Iterator[Spot]:
    """Organisations and places in a text, unordered; spots may overlap."""
    yield from organisations(reading)
    yield from towns(reading)


def is_small_place(text: str) -> bool:
    """A place of few people, in the words of a text in small letters: an island, a village."""
    return bool(_small_place().search(text))


@cache
def _small_place() -> re.Pattern[str]:
    small = place_data()["small"]
    return re.compile(rf"\b(?:{'|'.join(small['words'].split())}|{small['phrases']})\b")
