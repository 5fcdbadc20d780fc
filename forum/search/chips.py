"""What was understood of a query, in words for a page, each part with its place to take it out."""

from dataclasses import dataclass

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.search.query_parser import (
    QUERY_BYTES,
    QUERY_MAX,
    Asked,
    Item,
    Narrow,
    Narrowing,
    State,
    understood,
)

KINDS = {
    "reflection": _l("reflections"),
    "question": _l("questions"),
    "answer": _l("answers"),
    "experience": _l("“I've been there”"),
    "idea": _l("ideas"),
    "resource": _l("something to read"),
}
STATES = {
    State.UNREAD: _l("not read yet"),
    State.MINE: _l("written under my name"),
    State.UNANSWERED: _l("without an answer"),
}
YEARS = range(1000, 9999)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query. place: where it begins in the query, in characters, by which `without`
    knows it."""

    text: str
    place: int


def chips(asked: Asked) -> list[Chip]:
    """The parts of a query in their order; words that carry little are left out."""
    telling = [Chip(item.text, item.place[0]) for item in asked.telling]
    phrases = [Chip(f"“{item.text}”", item.place[0]) for item in asked.phrases]
    refused = [Chip(_("without “%(words)s”", words=i.text), i.place[0]) for i in asked.without]
    narrowed = [Chip(_in_words(each), each.place[0]) for each in asked.narrowed]
    return sorted((*telling, *phrases, *refused, *narrowed), key=lambda chip: chip.place)


def without(words: str, place: str) -> str:
    """The query without the part that begins there; the same where none does."""
    asked = understood(words)
    parts: list[Item | Narrowing] = [*asked.words, *asked.phrases, *asked.without, *asked.narrowed]
    for start, end in (part.place for part in parts):
        if str(start) == place:
            return " ".join(f"{words[:start]} {words[end:]}".split())
    return words


def in_year(words: str, year: str) -> str:
    """The query narrowed to a year in place of other days; the same for no year, or no room."""
    if not (year.isascii() and year.isdigit() and len(year) == 4 and int(year) in YEARS):
        return words
    plain, days = words, (Narrow.BEFORE, Narrow.AFTER)
    for each in reversed(understood(words).narrowed):
        if each.by in days:
            plain = f"{plain[: each.place[0]]} {plain[each.place[1] :]}"
    narrowed = f"{' '.join(plain.split())} after:{year} before:{int(year) + 1}".strip()
    fits = len(narrowed) <= QUERY_MAX and len(narrowed.encode(errors="replace")) <= QUERY_BYTES
    return narrowed if fits else words


def _in_words(each: Narrowing) -> str:
    text = _said(each)
    return str(_("not: %(part)s", part=text)) if each.minus else text


def _said(each: Narrowing) -> str:
    match each.by:
        case Narrow.FROM:
            return str(_("by %(name)s", name=each.value))
        case Narrow.IN:
            return str(_("in %(circle)s", circle=each.value))
        case Narrow.KIND:
            return str(KINDS[each.value])
        case Narrow.IS:
            return str(STATES[State(each.value)])
        case _:
            return _day(each)


def _day(each: Narrowing) -> str:
    day = format_date(each.days[0], "d MMMM y", rebase=False) if each.days else each.value
    if each.by is Narrow.BEFORE:
        return str(_("before %(day)s", day=day))
    return str(_("from %(day)s on", day=day))
