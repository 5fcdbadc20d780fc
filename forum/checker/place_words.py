"""Words of places.toml: heads of organisations, words before a place, institutions."""

import tomllib
from functools import cache

from forum.checker.findings import Kind, Severity
from forum.checker.spots import Spot
from forum.checker.word_lists import DATA, folded


def is_generic(word: str) -> bool:
    """A word in many organisations' names: "General", "Health"."""
    key = folded(word).strip(".")
    return (
        key in words_of("generic")
        or key.removesuffix("'s") in words_of("generic")
        or key.endswith(("n't", "'ll", "'ve", "'re", "'d"))
    )


@cache
def words_of(section: str) -> frozenset[str]:
    return frozenset(place_data()[section]["words"].split())


@cache
def surely() -> frozenset[str]:
    return frozenset(place_data()["before"]["surely"].split())


@cache
def heads() -> dict[str, str]:
    """Last word of an organisation's name, folded -> a general wording."""
    return {
        folded(head.split("-")[-1]): instead
        for instead, heads in reversed(place_data()["heads"].items())
        for head in heads.split()
    }


@cache
def surnames_too() -> frozenset[str]:
    """Heads also in use as family names: "Judith Wood"."""
    towns = (
        place_data()["heads"]["a town"]
        + " park green mount villa hall court house grange mill mills school"
    )
    return frozenset(map(folded, towns.split()))


@cache
def place_data() -> dict[str, dict[str, str]]:
    return tomllib.loads((DATA / "places.toml").read_text())


def place_spot(start: int, end: int, instead: str, rank: int) -> Spot:
    return Spot(Kind.PLACE_OR_ORG, Severity.CONFIRM, start, end, instead, rank)
