"""What a search is narrowed to: by name, kind, day, and what a post is to whoever asks.

Names are those under which somebody wrote here for all to see, each for itself: no name leads to
another of the same person, and none to what was written behind a mask.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from forum.authors.models import Author
from forum.authors.queries import everyday_names
from forum.circles.queries import circle
from forum.discussions import read_marks
from forum.discussions.queries import thread_ids
from forum.policy.standing import Standing
from forum.search.engine.reader import Book, Holds
from forum.search.query_parser import KINDS, Asked, Narrow, Narrowing, State
from forum.search.tokenizer import words

MARKS_AT_ONCE = 5_000  # a statement takes only so many values


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks, in the circles that are searched."""

    standings: Collection[Standing]
    zone: tzinfo


def meant(standings: Iterable[Standing], asked: Asked) -> list[Standing]:
    """Those of the circles that `in:` leaves."""
    named = [(each, _words(each.value)) for each in asked.narrowings(Narrow.IN)]
    return [
        standing
        for standing in standings
        if all(
            (wanted <= _words(circle(standing).name)) is not each.minus for each, wanted in named
        )
    ]


class Narrowed:
    """What of each circle a search is narrowed to."""

    def __init__(self, reader: Reader, asked: Asked) -> None:
        self.reader, self.asked = reader, asked
        needs_names = asked.narrowings(Narrow.FROM) or any(
            each.value in (State.MINE, State.UNREAD) for each in asked.narrowings(Narrow.IS)
        )
        self.names = everyday_names(reader.standings) if needs_names else []
        self.mine = {name.id.hex for name in self.names if self._standing(name).hand.holds(name)}
        self.authors = {
            each: {name.id.hex for name in self.names if _words(each.value) <= _words(name.name)}
            for each in asked.narrowings(Narrow.FROM)
        }
        asks_unread = any(each.value == State.UNREAD for each in asked.narrowings(Narrow.IS))
        self.seen = _seen(reader.standings) if asks_unread else {}
        self.unknown = set(self.authors)  # names under which nobody wrote: see `holds`

    def holds(self, standing: Standing, book: Book) -> Holds | None:
        """Whether a post of that circle is among them; None where nothing is narrowed."""
        for each, ids in self.authors.items():
            if ids & book.authors:
                self.unknown.discard(each)
        rules = [
            (self._rule(standing, book, each), each.minus)
            for each in self.asked.narrowed
            if each.by is not Narrow.IN
        ]
        if not rules:
            return None
        return lambda kept: all(rule(kept) is not minus for rule, minus in rules)

    def _rule(self, standing: Standing, book: Book, each: Narrowing) -> Holds:
        match each.by:
            case Narrow.FROM:
                ids = self.authors[each]
                return lambda kept: kept.author in ids
            case Narrow.KIND:
                kinds = KINDS[each.value]
                return lambda kept: kept.kind in kinds
            case Narrow.IS:
                return self._is(standing, book, State(each.value))
            case _:
                return self._day(each)

    def _day(self, each: Narrowing) -> Holds:
        first = _moment(each.days[0] if each.days else date.min, self.reader.zone)
        if each.by is Narrow.BEFORE:
            return lambda kept: kept.hour < first
        return lambda kept: kept.hour >= first

    def _is(self, standing: Standing, book: Book, state: State) -> Holds:
        match state:
            case State.MINE:
                return lambda kept: kept.author in self.mine
            case State.UNANSWERED:
                return lambda kept: kept.opens and kept.id not in book.answered
            case State.UNREAD:
                return self._unread(standing)

    def _unread(self, standing: Standing) -> Holds:
        since, seen = _moment(standing.since, UTC), self.seen
        return lambda kept: (
            kept.hour >= since
            and kept.author not in self.mine
            and kept.id not in seen.get(kept.thread, ())
        )

    def _standing(self, name: Author) -> Standing:
        return next(each for each in self.reader.standings if each.circle_id == name.circle_id)


def _seen(standings: Collection[Standing]) -> dict[str, frozenset[str]]:
    """What the reader saw of each thread, ids in hex."""
    threads, seen = thread_ids(standings), dict[str, frozenset[str]]()
    listed = [*threads.items()]
    for first in range(0, len(listed), MARKS_AT_ONCE):
        marks = read_marks.marks(dict(listed[first : first + MARKS_AT_ONCE]))
        seen |= {thread: read_marks.seen(threads[thread], mark) for thread, mark in marks.items()}
    return seen


def _words(name: str) -> frozenset[str]:
    return frozenset(word.key for word in words(name))


def _moment(day: date, zone: tzinfo) -> int:
    """When a day begins, in seconds of UTC."""
    try:
        return int(datetime.combine(day, time(), zone).timestamp())
    except (OverflowError, ValueError):  # the year 1, west of Greenwich
        return 0
