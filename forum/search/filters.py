"""Filters of a search: by name, kind, day, and state of a post for the searching member.

A name belongs to a single author row, and leads to no second name of its holder nor to masked
posts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import assert_never
from uuid import UUID

from flask_babel import gettext as _

from forum.authors.models import Author
from forum.authors.queries import everyday_names
from forum.circles.queries import circle
from forum.discussions import courses, read_marks
from forum.discussions.thread_queries import thread_ids
from forum.policy.standing import Standing
from forum.rounds.definitions import Phase, Round
from forum.rounds.templates import Template
from forum.search.engine.reader import IndexReader, PostFilter
from forum.search.query_parser import KINDS, Filter, FilterField, ParsedQuery, QueryState
from forum.search.tokenizer import tokenize

MARKS_PER_STATEMENT = 5_000  # a statement takes only so many values


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The standings and time zone of the searching member."""

    standings: Collection[Standing]
    zone: tzinfo


def chosen_circles(standings: Iterable[Standing], query: ParsedQuery) -> list[Standing]:
    """Standings in circles that match every `in:`."""
    named = [(each, _words(each.value)) for each in query.filters_on(FilterField.IN)]
    return [
        standing
        for standing in standings
        if all(
            (wanted <= _words(circle(standing).name)) is not each.minus for each, wanted in named
        )
    ]


class PostFilters:
    """Filters of a query, ready to be applied to posts of each circle."""

    def __init__(self, context: SearchContext, query: ParsedQuery) -> None:
        self.context, self.query = context, query
        states = {each.value for each in query.filters_on(FilterField.IS)}
        needs_names = query.filters_on(FilterField.FROM) or not states.isdisjoint(
            (QueryState.MINE, QueryState.UNREAD)
        )
        self.names = everyday_names(context.standings) if needs_names else []
        self.mine = {name.id.hex for name in self.names if self._standing(name).hand.holds(name)}
        self.authors = {
            each: {name.id.hex for name in self.names if _words(each.value) <= _words(name.name)}
            for each in query.filters_on(FilterField.FROM)
        }
        self.seen = _seen(context.standings) if QueryState.UNREAD in states else {}
        self.ways: dict[UUID, dict[UUID, courses.Way]] = {}  # by circle, read when asked for
        self.unknown = set(self.authors)  # names under which nobody wrote: see `holds`

    def for_circle(self, standing: Standing, reader: IndexReader) -> PostFilter | None:
        """A predicate on posts of a circle; None for a query without filters."""
        for each, ids in self.authors.items():
            if ids & reader.authors:
                self.unknown.discard(each)
        rules = [
            (self._rule(standing, reader, each), each.minus)
            for each in self.query.filters
            if each.by is not FilterField.IN
        ]
        if not rules:
            return None
        return lambda post: all(rule(post) is not minus for rule, minus in rules)

    def _rule(self, standing: Standing, reader: IndexReader, each: Filter) -> PostFilter:
        match each.by:
            case FilterField.FROM:
                ids = self.authors[each]
                return lambda post: post.author in ids
            case FilterField.KIND:
                kinds = KINDS[each.value]
                return lambda post: post.kind in kinds
            case FilterField.IS:
                return self._is(standing, reader, QueryState(each.value))
            case FilterField.ROUND | FilterField.PHASE | FilterField.TEMPLATE | FilterField.TOPIC:
                ids = self._threads(standing, each)
                return lambda post: post.thread in ids
            case FilterField.BEFORE:
                before = self._first_moment(each)
                return lambda post: post.hour < before
            case FilterField.AFTER:
                since = self._first_moment(each)
                return lambda post: post.hour >= since
            case FilterField.IN:  # chooses circles, see `chosen_circles`
                return lambda post: True
            case _:
                assert_never(each.by)

    def _threads(self, standing: Standing, each: Filter) -> set[str]:
        """Threads of a circle by their round, present phase, template or topic, in hex.

        Read from the database: phases change by the clock, which no index hears.
        """
        if standing.circle_id not in self.ways:
            self.ways[standing.circle_id] = courses.ways(standing)
        wanted = _words(each.value)
        return {
            thread_id.hex
            for thread_id, way in self.ways[standing.circle_id].items()
            if any(wanted <= _words(name) for name in _names(way, each.by))
        }

    def _first_moment(self, each: Filter) -> int:
        return _moment(each.days[0] if each.days else date.min, self.context.zone)

    def _is(self, standing: Standing, reader: IndexReader, state: QueryState) -> PostFilter:
        match state:
            case QueryState.MINE:
                return lambda post: post.author in self.mine
            case QueryState.UNANSWERED:
                return lambda post: post.opens and post.id not in reader.answered
            case QueryState.UNREAD:
                return self._unread(standing)

    def _unread(self, standing: Standing) -> PostFilter:
        since, seen = _moment(standing.since, UTC), self.seen
        return lambda post: (
            post.hour >= since
            and post.author not in self.mine
            and post.id not in seen.get(post.thread, ())
        )

    def _standing(self, name: Author) -> Standing:
        return next(each for each in self.context.standings if each.circle_id == name.circle_id)


def _names(way: courses.Way, by: FilterField) -> tuple[str, ...]:
    """Key and name of a thread's round, phase or template; its topics."""
    if by is FilterField.TOPIC:
        return way.topics
    told: dict[FilterField, Round | Phase | Template] = {
        FilterField.ROUND: way.round,
        FilterField.PHASE: way.phase,
        FilterField.TEMPLATE: way.template,
    }
    found = told[by]
    return found.key.replace("_", " "), str(_(found.name)) if found.name else ""


def _seen(standings: Collection[Standing]) -> dict[str, frozenset[str]]:
    """Ids of seen posts by thread, in hex."""
    threads, seen = thread_ids(standings), dict[str, frozenset[str]]()
    listed = [*threads.items()]
    for first in range(0, len(listed), MARKS_PER_STATEMENT):
        marks = read_marks.marks(dict(listed[first : first + MARKS_PER_STATEMENT]))
        seen |= {thread: read_marks.seen(threads[thread], mark) for thread, mark in marks.items()}
    return seen


def _words(name: str) -> frozenset[str]:
    return frozenset(word.term for word in tokenize(name))


def _moment(day: date, zone: tzinfo) -> int:
    """The first second of a day, in seconds of UTC."""
    try:
        return int(datetime.combine(day, time(), zone).timestamp())
    except (OverflowError, ValueError):  # the year 1, west of Greenwich
        return 0
