"""Parts of a query in words for a page, each with its position, by which a link removes it."""

from dataclasses import dataclass
from typing import assert_never

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.search.query_parser import (
    QUERY_BYTES,
    QUERY_MAX,
    Clause,
    Filter,
    FilterField,
    ParsedQuery,
    QueryState,
    parse,
)

KINDS = {
    "reflection": _l("reflections"),
    "question": _l("questions"),
    "reply": _l("replies"),
    "experience": _l("“I've been there”"),
    "idea": _l("ideas"),
    "resource": _l("something to read"),
    "action": _l("next steps of one's own"),
    "company": _l("lines of company"),
    "takeaway": _l("what was taken along"),
    "summary": _l("summaries"),
    "look-back": _l("looking back"),
}
STATES = {
    QueryState.UNREAD: _l("not read yet"),
    QueryState.MINE: _l("written by me (everyday name)"),
    QueryState.UNANSWERED: _l("no reply yet"),
}
YEARS = range(1000, 9999)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query. start: its first character in the query, by which `without` finds it."""

    text: str
    start: int


def chips(query: ParsedQuery) -> list[Chip]:
    """Parts of a query in their order, without stop words."""
    content_words = [Chip(item.text, item.span[0]) for item in query.content_words]
    phrases = [Chip(f"“{item.text}”", item.span[0]) for item in query.phrases]
    refused = [Chip(_("without “%(words)s”", words=i.text), i.span[0]) for i in query.excluded]
    filters = [Chip(_in_words(each), each.span[0]) for each in query.filters]
    return sorted((*content_words, *phrases, *refused, *filters), key=lambda chip: chip.start)


def without(words: str, at: str) -> str:
    """The query without the part that begins at a character; unchanged where no part does."""
    query = parse(words)
    parts: list[Clause | Filter] = [*query.words, *query.phrases, *query.excluded, *query.filters]
    for start, end in (part.span for part in parts):
        if str(start) == at:
            return " ".join(f"{words[:start]} {words[end:]}".split())
    return words


def in_year(words: str, year: str) -> str:
    """The query with a year in place of its days; unchanged for an invalid year or a full query."""
    if not (year.isascii() and year.isdigit() and len(year) == 4 and int(year) in YEARS):
        return words
    plain, days = words, (FilterField.BEFORE, FilterField.AFTER)
    for each in reversed(parse(words).filters):
        if each.by in days:
            plain = f"{plain[: each.span[0]]} {plain[each.span[1] :]}"
    narrowed = f"{' '.join(plain.split())} after:{year} before:{int(year) + 1}".strip()
    fits = len(narrowed) <= QUERY_MAX and len(narrowed.encode(errors="replace")) <= QUERY_BYTES
    return narrowed if fits else words


def _in_words(each: Filter) -> str:
    text = _said(each)
    return str(_("not: %(part)s", part=text)) if each.minus else text


def _said(each: Filter) -> str:
    match each.by:
        case FilterField.FROM:
            return str(_("by %(name)s", name=each.value))
        case FilterField.IN:
            return str(_("in %(circle)s", circle=each.value))
        case FilterField.KIND:
            return str(KINDS[each.value])
        case FilterField.IS:
            return str(STATES[QueryState(each.value)])
        case FilterField.ROUND:
            return str(_("talked about as %(round)s", round=each.value))
        case FilterField.PHASE:
            return str(_("now in %(phase)s", phase=each.value))
        case FilterField.TEMPLATE:
            return str(_("told as %(template)s", template=each.value))
        case FilterField.TOPIC:
            return str(_("on the topic %(topic)s", topic=each.value))
        case FilterField.BEFORE:
            return str(_("before %(day)s", day=_day(each)))
        case FilterField.AFTER:
            return str(_("since %(day)s", day=_day(each)))
        case _:
            assert_never(each.by)


def _day(each: Filter) -> str:
    return format_date(each.days[0], "d MMMM y", rebase=False) if each.days else each.value
