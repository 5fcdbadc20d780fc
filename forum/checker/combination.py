"""Details common by themselves, which together can point to a person."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from forum.checker.findings import Facet, Kind, Severity
from forum.checker.places import is_small_place
from forum.checker.spots import Spot
from forum.checker.word_lists import DATA, folded
from forum.checker.words import Reading

BAR, LOW_BAR = 3, 2  # facets from which a passage is shown; the low one for a child, and so on
PASSAGE = 1_500  # characters
_TELLING = (  # most telling first: which of the facets to loosen
    Facet.EXACT_AGE, Facet.PLACE, Facet.EXACT_DATE, Facet.NEWSWORTHY, Facet.RARE_CONDITION,
    Facet.FAMILY_EVENT,     Facet.ETHNICITY_OR_FAITH, Facet.OCCUPATION, Facet.SEX,
)  # fmt: skip
_OF_SPOTS = {
    Kind.EXACT_AGE: Facet.EXACT_AGE,
    Kind.PLACE_OR_ORG: Facet.PLACE,
    Kind.ADDRESS: Facet.PLACE,
    Kind.POSTCODE: Facet.PLACE,
    Kind.FULL_DATE: Facet.EXACT_DATE,
    Kind.DATE_OF_BIRTH: Facet.EXACT_DATE,
}


@dataclass(frozen=True, slots=True)
class FacetSpot:
    """A facet at text[start:end] of normalised text; low: of a child or someone over 89."""

    facet: Facet
    start: int
    end: int
    instead: str = ""
    low: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """Facets meeting in a passage, and the most revealing detail."""

    facets: frozenset[Facet]
    detail: FacetSpot


def meetings(reading: Reading, spots: Iterable[Spot], *, rural: bool) -> Iterator[Meeting]:
    """Passages in which enough details meet, in order, without overlap."""
    details = sorted([*_of_spots(spots), *_of_words(reading)], key=lambda each: each.start)
    rural = rural or is_small_place(reading.small)
    after = -1
    for place, first in enumerate(details):
        if first.start <= after:
            continue
        passage = [
            each for each in details[place : place + 60] if each.end - first.start <= PASSAGE
        ]
        found = _met(passage, rural=rural)
        if found:
            after = passage[-1].end
            yield found


def _met(passage: list[FacetSpot], *, rural: bool) -> Meeting | None:
    facets = frozenset(each.facet for each in passage)
    low = rural or any(each.low for each in passage)
    if not _enough(facets, low=low):
        return None
    by_facet = {each.facet: each for each in reversed(passage)}
    return Meeting(facets, next(by_facet[facet] for facet in _TELLING if facet in facets))


_COMMON = frozenset({Facet.SEX, Facet.OCCUPATION, Facet.FAMILY_EVENT})
_SEEN_IN_ALL = frozenset({Facet.SEX, Facet.OCCUPATION})


def _enough(facets: frozenset[Facet], *, low: bool) -> bool:
    """Whether facets point to a person; sex and work alone never do."""
    if not low and facets <= _COMMON:
        return False
    return len(facets) >= (LOW_BAR if low else BAR) and not facets <= _SEEN_IN_ALL


def _of_spots(spots: Iterable[Spot]) -> Iterator[FacetSpot]:
    for spot in spots:
        facet = _OF_SPOTS.get(spot.kind)
        if facet:
            low = facet is Facet.EXACT_AGE and spot.severity is Severity.CONFIRM
            yield FacetSpot(facet, spot.start, spot.end, spot.instead, low)


def _of_words(reading: Reading) -> Iterator[FacetSpot]:
    listed = _listed()
    for word in reading.words:
        for facet in listed.get(word.key) or listed.get(word.key.removesuffix("s")) or ():
            yield FacetSpot(facet, word.start, word.end)
    for found in _phrases().finditer(reading.small):
        yield FacetSpot(Facet(found.lastgroup or ""), *found.span())
    for place, word in enumerate(reading.words):
        if word.key in _section("ethnicity_or_faith") and _is_of_a_person(reading, place):
            yield FacetSpot(Facet.ETHNICITY_OR_FAITH, word.start, word.end)


def _is_of_a_person(reading: Reading, place: int) -> bool:
    """ "a Polish woman", "she is Cree.", ", Calabrian,"; not "the African-Caribbean question"."""
    word, after = reading.words[place], reading.at(place + 1)
    if any(
        _is_person(each.key) and each.gap == " "
        for each in (after, reading.at(place + 2))
        if after.gap == " "
    ):
        return True
    ends = not after.gap or after.gap[0] in ",.;:)"
    return ends and (word.gap == ", " or reading.at(place - 1).key in _COPULAS)


def _is_person(key: str) -> bool:
    single = key.removesuffix("s")
    return any(
        each in _section(name)
        for each in (key, single)
        for name in ("sex", "occupation", "persons")
    )


_COPULAS = frozenset(
    ["is", "was", "he", "she", "she's", "he's", "i'm", "are", "were", "am", "both", "half", "part"]
)


@cache
def _section(name: str) -> frozenset[str]:
    return frozenset(map(folded, _data()[name].split()))


@cache
def _listed() -> dict[str, tuple[Facet, ...]]:
    """Folded word -> its facets."""
    listed: dict[str, tuple[Facet, ...]] = {}
    for facet, section in _WORDS:
        for word in _data()[section].split():
            if "-" not in word:
                listed[folded(word)] = (*listed.get(folded(word), ()), facet)
    return listed


_WORDS = (
    (Facet.SEX, "sex"),
    (Facet.SEX, "pronouns"),
    (Facet.OCCUPATION, "occupation"),
    (Facet.RARE_CONDITION, "rare_condition"),
    (Facet.FAMILY_EVENT, "family_event"),
)


@cache
def _phrases() -> re.Pattern[str]:
    data = _data()
    several = {
        facet: [word.replace("-", "[ -]") for word in data[section].split() if "-" in word]
        for facet, section in _WORDS
    }
    parts = {
        Facet.NEWSWORTHY: data["newsworthy_phrases"],
        Facet.RARE_CONDITION: "|".join([data["rare_phrases"], *several[Facet.RARE_CONDITION]]),
        Facet.FAMILY_EVENT: "|".join([data["family_phrases"], *several[Facet.FAMILY_EVENT]]),
        Facet.EXACT_DATE: data["date_phrases"],
        Facet.OCCUPATION: "|".join(several[Facet.OCCUPATION]),
        Facet.ETHNICITY_OR_FAITH: data["faith_phrases"],
    }
    return re.compile(
        r"(?<!\w)(?=\w)(?:"
        + "|".join(f"(?P<{facet.value}>{part})" for facet, part in parts.items() if part)
        + r")(?!\w)"
    )


@cache
def _data() -> dict[str, str]:
    return tomllib.loads((DATA / "circumstances.toml").read_text())
