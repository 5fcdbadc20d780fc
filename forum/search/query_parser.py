"""Parser of search queries. No query is an error: unknown syntax is searched for as words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from forum.policy.terms import ReplyKind, RoundKind
from forum.search.days import SPACED, days
from forum.search.synonyms import STOP_TERMS, Synonyms, find_synonyms, query_term
from forum.search.tokenizer import Token, term, tokenize

QUERY_MAX = 1000  # characters
QUERY_BYTES = 2000  # sealed, it must fit the first line of a request
WORDS_MAX = 32  # distinct
PHRASES_MAX = 6  # to have or to leave out: each is looked up post by post
FORMS_MAX = 40  # other ways to say it, of all words together
ANY_DAY = date(2000, 1, 1)  # for callers that read no days
SHOUTED = 3  # words; with so many, capitals alone mean nothing

_QUOTES = str.maketrans("“”„«»", '"' * 5)  # as phones type them


class QueryState(StrEnum):
    """States of a post for the searching member."""

    UNREAD = "unread"
    MINE = "mine"
    UNANSWERED = "unanswered"


class FilterField(StrEnum):
    """Fields that a filter compares."""

    FROM = "from"
    IN = "in"
    KIND = "kind"
    BEFORE = "before"
    AFTER = "after"
    IS = "is"
    ROUND = "round"
    PHASE = "phase"
    TEMPLATE = "template"
    TOPIC = "topic"


THREAD_FIELDS = (FilterField.ROUND, FilterField.PHASE, FilterField.TEMPLATE, FilterField.TOPIC)
DAY_FIELDS = (FilterField.BEFORE, FilterField.AFTER)
_ITEM = re.compile(
    r'(?<![^\s"])(?P<minus>-)?(?:'
    rf'(?P<day_name>{"|".join(DAY_FIELDS)}):(?P<spaced>"[^"]*"|(?:{SPACED})(?!\w))'
    rf'|(?P<name>{"|".join(FilterField)}):(?P<value>"[^"]*"|[^\s"]+))'
    r'|(?<!\S)(?P<not>-)?"(?P<phrase>[^"]*)"'
    r'|"(?P<inner>[^"]*)"'
    r'|(?<!\S)-(?![Vv][Ee](?!\w))(?P<without>[^\s"]+)',
    re.IGNORECASE,
)


OPENING = ""  # kind of an opening: see `doc_values.PostRecord`
KINDS: dict[str, frozenset[str]] = {
    "reflection": frozenset({OPENING}),
    "question": frozenset({ReplyKind.QUESTION}),
    "reply": frozenset({*ReplyKind, *RoundKind}),
    "experience": frozenset({ReplyKind.OWN_EXPERIENCE}),
    "idea": frozenset({ReplyKind.IDEA}),
    "resource": frozenset({ReplyKind.RESOURCE}),
    "action": frozenset({RoundKind.ACTION}),
    "company": frozenset({ReplyKind.ACKNOWLEDGEMENT}),
    "takeaway": frozenset({RoundKind.TAKEAWAY}),
    "summary": frozenset({ReplyKind.SUMMARY}),
    "look-back": frozenset({ReplyKind.LOOK_BACK}),
}
_KINDS_TOO = {
    "answer": "reply",
    "replie": "reply",
    "story": "reflection",
    "summarie": "summary",
    "reading": "resource",
    "been-there": "experience",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A word or phrase of a query.

    text: as typed; terms: of its words; span: first and last character in the query.
    plain: term of a word in capitals for a circle without the abbreviation. stopword: whether
    common.
    """

    text: str
    terms: tuple[str, ...]
    span: tuple[int, int] = (0, 0)
    plain: str = ""
    stopword: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a query. value: as typed, without quotes; for KIND and IS a known value.

    days: for BEFORE and AFTER, the first day meant, and the day after the last. minus: negated.
    """

    by: FilterField
    value: str
    span: tuple[int, int]
    minus: bool = False
    days: tuple[date, date] | None = None


@dataclass(slots=True)
class ParsedQuery:
    """A query in parts.

    words: any may match; phrases: all must; excluded: none may; filters: all must.
    synonyms: of runs of words. invalid_days: filters by an unknown day, as typed.
    truncated: whether words or phrases beyond the limits were dropped.
    """

    words: list[Clause] = field(default_factory=list)
    phrases: list[Clause] = field(default_factory=list)
    excluded: list[Clause] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    synonyms: list[Synonyms] = field(default_factory=list)
    invalid_days: list[str] = field(default_factory=list)
    truncated: bool = False

    @property
    def terms(self) -> list[str]:
        """Distinct terms of words, phrases and synonyms."""
        query = (
            term for clause in self.words + self.phrases for term in (*clause.terms, clause.plain)
        )
        others = (term for each in self.synonyms for form in each.forms for term in form)
        return list(dict.fromkeys(term for term in (*query, *others) if term))

    @property
    def text(self) -> str:
        """Words and phrases as typed, in their order, without filters and what is left out."""
        clauses = sorted(self.words + self.phrases, key=lambda clause: clause.span)
        return " ".join(clause.text for clause in clauses)

    @property
    def content_words(self) -> list[Clause]:
        """Words except stop words; all words where only stop words stand."""
        return [clause for clause in self.words if not clause.stopword] or self.words

    @property
    def is_searchable(self) -> bool:
        """True if the query holds a word, phrase or filter."""
        return bool(self.words or self.phrases or self.filters)

    def filters_on(self, by: FilterField) -> list[Filter]:
        """Filters on a field."""
        return [each for each in self.filters if each.by is by]

    def with_corrections(self, corrections: dict[str, str]) -> "ParsedQuery":
        """A copy with corrected words. corrections: term of a word to its correction."""
        swapped = [
            replace(clause, text=word, terms=(term(word),), plain="")
            if (word := corrections.get(clause.terms[0]))
            else clause
            for clause in self.words
        ]
        spellings = [word for clause in swapped for word in tokenize(clause.text)]
        others = list(_within_forms_max(find_synonyms(spellings)))
        return replace(self, words=swapped, synonyms=others)


class _Parser:
    """Reads a query from left to right, within its limits."""

    def __init__(self, query_text: str, today: date) -> None:
        self.today = today
        self.text = query_text[:QUERY_MAX].translate(_QUOTES)
        self.query = ParsedQuery()
        self.known = set[str]()
        self.phrases = 0
        letters = [word for word in re.findall(r"[^\W\d_]+", self.text) if len(word) > 1]
        self.shouts = len(letters) >= SHOUTED and all(map(str.isupper, letters))

    def read(self) -> ParsedQuery:
        last = 0
        for found in _ITEM.finditer(self.text):
            self._words(last, found.start())
            self._one(found)
            last = found.end()
        self._words(last, len(self.text))
        self.query.synonyms = list(_within_forms_max(self.query.synonyms))
        return self.query

    def _one(self, found: re.Match[str]) -> None:
        span = found.span()
        if name := found["name"] or found["day_name"]:
            value = (found["value"] or found["spaced"]).strip('"')
            query_filter = _filter(name, value, span, bool(found["minus"]), self.today)
            if query_filter and query_filter.by in DAY_FIELDS and not query_filter.days:
                self.query.invalid_days.append(self.text[slice(*span)])
            elif query_filter:
                self.query.filters.append(query_filter)
            else:
                self._words(*span)
        elif found["without"]:
            self._phrase(self.query.excluded, found.span("without"), span)
        elif found["not"]:
            self._phrase(self.query.excluded, found.span("phrase"), span)
        else:
            group = "phrase" if found["phrase"] is not None else "inner"
            self._phrase(self.query.phrases, found.span(group), span)

    def _words(self, start: int, end: int) -> None:
        """Add words, of which any may match."""
        typed = self._counted(start, end)
        for word in typed:
            query_term = self._query_term(word)
            plain = word.term if query_term != word.term else ""
            stopword = query_term in STOP_TERMS
            text, span = self.text[word.start : word.end], (word.start, word.end)
            clause = Clause(text, (query_term,), span, plain, stopword)
            if clause.terms not in [other.terms for other in self.query.words]:
                self.query.words.append(clause)
        self.query.synonyms += find_synonyms(typed)

    def _phrase(self, items: list[Clause], inside: tuple[int, int], span: tuple[int, int]) -> None:
        """Add words of a phrase, in order and without a gap."""
        counted = self._counted(*inside)
        if not counted:
            return
        text = " ".join(self.text[counted[0].start : counted[-1].end].split())
        clause = Clause(text, tuple(map(self._query_term, counted)), span)
        if clause.terms in [other.terms for other in items]:
            return
        if len(clause.terms) > 1 and self.phrases == PHRASES_MAX:
            self.query.truncated = True
            return
        self.phrases += len(clause.terms) > 1
        items.append(clause)

    def _counted(self, start: int, end: int) -> list[Token]:
        counted = []
        for word in tokenize(self.text[start:end]):
            query_term = self._query_term(word)
            if query_term not in self.known and len(self.known) == WORDS_MAX:
                self.query.truncated = True
                break
            self.known.add(query_term)
            moved = word._replace(start=word.start + start, end=word.end + start)
            counted.append(moved._replace(acronym="") if self.shouts else moved)
        return counted

    def _query_term(self, word: Token) -> str:
        return word.term if self.shouts else query_term(word)


def parse(query_text: str, today: date = ANY_DAY) -> ParsedQuery:
    """Parse a query; characters beyond QUERY_MAX are ignored. today: in the member's zone."""
    return _Parser(query_text, today).read()


def _within_forms_max(found: Sequence[Synonyms] | Iterator[Synonyms]) -> Iterator[Synonyms]:
    many = 0
    for each in dict.fromkeys(found):
        many += len(each.forms)
        if many > FORMS_MAX:
            return
        yield each


def _filter(
    name: str, value: str, span: tuple[int, int], minus: bool, today: date
) -> Filter | None:
    """A filter, or None for an unknown value."""
    by, plain = FilterField(name.lower()), value.strip().lower()
    match by:
        case FilterField.KIND:
            one = plain.removesuffix("s")
            kind = _KINDS_TOO.get(one, one)
            return Filter(by, kind, span, minus) if kind in KINDS else None
        case FilterField.IS:
            return Filter(by, plain, span, minus) if plain in list(QueryState) else None
        case FilterField.BEFORE | FilterField.AFTER:
            return Filter(by, value, span, minus, days(plain, today))
        case (
            FilterField.FROM
            | FilterField.IN
            | FilterField.ROUND
            | FilterField.PHASE
            | FilterField.TEMPLATE
            | FilterField.TOPIC
        ):
            return Filter(by, value.strip(), span, minus) if plain else None
        case _:
            assert_never(by)
