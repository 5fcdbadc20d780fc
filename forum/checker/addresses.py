"""Addresses: numbers and names of streets, houses, flats, wards and beds."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache

from forum.checker.findings import Kind, Severity
from forum.checker.spots import Spot
from forum.checker.word_lists import DATA, folded
from forum.checker.words import UPPER, Reading, names

_CAPITAL = rf"(?:[{UPPER}][\w'\-]{{1,24}}+|St\.)"
_NUMBER = r"\d{1,5}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?"
_ROOM = re.compile(
    r"\b(?:[Ff]lat|[Aa]partment|[Aa]pt\.?|[Bb]ed|[Bb]ay|[Ww]ard|[Cc]ell|[Cc]ubicle|[Ww]ing"
    r"|[Pp]lot|[Pp]itch|[Uu]nit|[Ll]ot|[Ss]uite)"
    r" (?:no\.? )?(?:\d{1,4}[A-Za-z]?|(?!I\b)[A-Z]\d{0,3})(?![\w%/°']|\.\d)"
    r"|\b(?!The |This |That |My |Our |Her |His |A )[A-Z][\w'\-]{1,20} (?:Ward|Wing|Flats|Block"
    r"|Tower)\b"
)
_NAMED_ROOM = re.compile(
    r"\b[Rr]oom \d{1,3}[A-Za-z]?(?=, [A-Z])|(?<=home: )[Rr]oom \d+|(?<=home, )[Rr]oom \d+"
)
_HOUSE = re.compile(
    rf"(?<![\w'])(?:[Tt]he )?(?!The |This |That |My |Our |Her |His |Their |A "
    rf"|An )(?:{_CAPITAL} ){{1,2}}"
    r"(?:Cottages?|Rectory|Vicarage|Manse|Parsonage|Farmhouse|Schoolhouse|Bungalow|Steading|Barn"
    r"|Forge|Almshouses|Homestead)\b(?! (?:Hospital|Hospice|Surgery|School|Practice|Care|Clinic))"
)
_HOUSE_NUMBER = re.compile(
    r"\b(?:at|to|in|from|outside|opposite|beside) (?:number|no\.) ?\d{1,4}[a-d]?\b"
    r"(?! (?:on|in|of) (?:the|my|our|a|his|her)\b|[\d.]*%)"
)
_VISITED = re.compile(
    rf"\b(?:visit(?:s|ed)? (?:to|at)|liv(?:es?|ed|ing) at|home at|called at|round at|house at"
    rf"|flat at|moved to) (?P<it>\d{{1,3}}[a-d]? {_CAPITAL})(?=[,.;]|\n|$)"
)
_PO_BOX = re.compile(r"\b(?:[Pp]\.?[Oo]\.? [Bb]ox|[Rr]ural [Rr]oute|RR ?#|RMB) ?\d{1,6}\b")


def addresses(reading: Reading) -> Iterator[Spot]:
    """Streets with or without a house number, rooms and boxes, in a text."""
    text = reading.text
    if not _street_words() & {word.key for word in reading.words}:
        yield from _rooms(text)
        return
    for found in _numbered().finditer(text):
        if _names_street(found["name"]):
            yield _spot(found.start(), found.end(), 4)
    for found in _unnumbered().finditer(text):
        name = found["name"] or found["name2"] or found["name3"]
        if found.group().lower() in _SAYINGS:
            continue
        if _names_street(name):
            surely = found["name"] or text[: found.start()].endswith("off ")
            yield _spot(found.start(), found.end(), 4 if surely else 3)
    yield from _rooms(text)


def _rooms(text: str) -> Iterator[Spot]:
    for found in _HOUSE.finditer(text):
        yield _spot(*found.span(), 4)
    for found in _VISITED.finditer(text):
        if folded(found["it"].split()[1]) not in names("calendar"):
            yield _spot(*found.span("it"), 3)
    for pattern in (_ROOM, _NAMED_ROOM, _PO_BOX, _HOUSE_NUMBER):
        for found in pattern.finditer(text):
            yield _spot(found.start(), found.end(), 3)


def _names_street(name: str) -> bool:
    """Whether the words before "Street" are a name, unlike "The" or "EMIS"."""
    keys = [folded(word).strip(".,") for word in name.removeprefix("The ").split()]
    return bool(keys) and not any(key in names("work") or key in _NOT_STREETS for key in keys)


# Without a number: sweets, programmes and figures of speech.
_SAYINGS = frozenset(
    f"{name} street"
    for name in ("quality", "coronation", "sesame", "downing", "harley", "wall", "fleet", "civvy")
)
_NOT_STREETS = frozenset({
    "the", "a", "my", "our", "his", "her", "this", "that", "no", "in", "at", "on", "of", "and",
    "i", "he", "she", "it", "dr", "mr", "mrs", "ms",
})  # fmt: skip


def _spot(start: int, end: int, rank: int) -> Spot:
    return Spot(Kind.ADDRESS, Severity.CONFIRM, start, end, "where they live", rank)


@cache
def _streets(section: str) -> str:
    words = tomllib.loads((DATA / "places.toml").read_text())["streets"][section].split()
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _street_words() -> frozenset[str]:
    return frozenset(_streets("words").split("|"))


@cache
def _numbered() -> re.Pattern[str]:
    """ "14 Sample Street", "flat 2, 90 Old Mill Road", "3 the green"."""
    streets = _streets("words")
    return re.compile(
        rf"(?=\d|[faFAuU])(?:\b(?:[Ff]lat|[Aa]partment|[Aa]pt"
        rf"|[Uu]nit) \d{{1,4}}[A-Za-z]?,? ?(?:/ ?)?)?(?<![\w.£$/-]){_NUMBER},? "
        rf"(?P<name>(?:{_CAPITAL} ){{1,3}})(?:(?:{_either(streets)})\b)(?! (?:hospital|surgery"
        rf"|school|practice|clinic|church|centre)\b)"
    )


@cache
def _unnumbered() -> re.Pattern[str]:
    """ "Flax Row", "off Gorse Hill": a capital name and a street word with a capital."""
    surely = "|".join(word.title() for word in _streets("surely").split("|"))
    others = "|".join(word.title() for word in _streets("words").split("|"))
    houses = "Lodge|House|Cottage|Farm|Hall|Villa|Barn|Mill|Rectory|Manse|Vicarage|Croft"
    heads = (
        "surgery|hospital|school|practice|clinic|church|centre|medical|health|primary|pharmacy"
        "|station|prison"
    )
    org = rf"(?! (?:{_either(heads)}))"
    return re.compile(
        rf"(?P<name>(?<![\w'])(?:The "
        rf"|{_CAPITAL} )?(?:{houses}), (?:{_CAPITAL} ){{1,2}})(?:(?:{others})\b){org}"
        rf"|(?<![\w'])(?P<name2>(?:{_CAPITAL} ){{1,2}})(?:(?:{surely})\b){org}"
        rf"|(?:(?<=\boff )|(?<=\bon )|(?<=\bin )|(?<=\bof )|(?<=\bat )|(?<=\bto )|(?<=\bdown )"
        rf"|(?<=\balong )|(?<=\bup )"
        rf"|(?<=\bfrom ))(?P<name3>(?:{_CAPITAL} ){{1,2}})(?:(?:{others})\b){org}"
    )


def _either(words: str) -> str:
    return words + "|" + "|".join(word.title() for word in words.split("|"))
