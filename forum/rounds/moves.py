"""Moves of a round: permitted parts, times of effect, and order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from forum.policy.terms import Part
from forum.rounds.counted_days import CountedDays
from forum.rounds.definitions import Round

MORE = timedelta(days=3)  # that "More time" adds, in counted days
PAUSED_FOR = timedelta(days=28)  # before a paused round closes, gently


class MoveKind(StrEnum):
    """Moves of a presenter or facilitator, in their order within a slot."""

    END = "end"
    PAUSE = "pause"
    CHANGE = "change"  # talk another way
    OPEN_OFFERING = "open_offering"  # ask for ideas
    NEXT_STEP = "next_step"
    COME_BACK = "come_back"  # early, while only reading
    MORE_TIME = "more_time"
    RESUME = "resume"
    REOPEN = "reopen"


ORDER = {kind: place for place, kind in enumerate(MoveKind)}
RIGHTS = {
    Part.PRESENTER: frozenset(MoveKind),
    Part.FACILITATOR: frozenset({MoveKind.END, MoveKind.NEXT_STEP, MoveKind.MORE_TIME}),
    Part.RESPONDER: frozenset[MoveKind](),
}
IMMEDIATE_MOVES = frozenset({MoveKind.END, MoveKind.PAUSE})  # under a name
IN_THE_MORNING = frozenset({MoveKind.CHANGE, MoveKind.NEXT_STEP, MoveKind.COME_BACK})


@dataclass(frozen=True, slots=True)
class Move:
    """A stored move. acts_at: the moment or slot of its effect, aware, UTC.

    to: the next round, of CHANGE alone, with its lengths.
    """

    kind: MoveKind
    acts_at: datetime
    by: Part = Part.PRESENTER
    to: Round | None = None


def takes_effect(kind: MoveKind, moment: datetime, days: CountedDays, *, hidden: bool) -> datetime:
    """The moment of effect of a move made at `moment`.

    END and PAUSE under a name act at once. New phases begin in the morning; all further moves act
    at the next slot, as does every move of a hidden presenter. Rest days delay no move.
    """
    if kind in IMMEDIATE_MOVES and not hidden:
        return moment
    return days.next_morning(moment) if kind in IN_THE_MORNING else days.next_slot(moment)


def in_order(moves: Iterable[Move]) -> list[Move]:
    """Moves of a moment in order of effect: by kind, the presenter's before a facilitator's."""
    return sorted(moves, key=_place)


def _place(move: Move) -> tuple[int, bool, str, int]:
    to = (move.to.key, move.to.version) if move.to else ("", 0)
    return (ORDER[move.kind], move.by is not Part.PRESENTER, *to)
