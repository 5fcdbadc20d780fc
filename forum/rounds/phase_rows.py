"""The row of phases in a thread: past, present and coming, with dates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from forum.rounds.definitions import CLOSED, OPEN, REOPENED, Phase
from forum.rounds.timeline import ClockState, Span, Timeline


class When(StrEnum):
    """A phase's place in time: past, present or coming."""

    OVER = "over"
    NOW = "now"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Place:
    """A phase in the row. begins, ends: None without a running clock."""

    phase: Phase
    when: When
    begins: datetime | None
    ends: datetime | None


def phase_row(line: Timeline) -> list[Place]:
    """The phases of the present round, in order; empty for a round without phases.

    A phase entered only at the presenter's request is listed once requested.
    """
    now = line.now
    if now.phase is OPEN:
        return []
    over = [_place(line, visit, When.OVER) for visit in _visits_before(line)]
    if now.state is ClockState.CLOSED:
        return over
    coming = _coming(line)
    whens = [When.NEXT, *[When.LATER] * len(coming)]
    later = [
        Place(phase, when, *_dates(line, phase)) for phase, when in zip(coming, whens, strict=False)
    ]
    return [*over, _place(line, now.visit, When.NOW), *later]


def _visits_before(line: Timeline) -> list[int]:
    now = line.now
    visits = {
        span.visit: None
        for span in line.spans
        if span.run == now.run and span.visit < now.visit and span.phase not in (CLOSED, OPEN)
    }
    return list(visits)


def _place(line: Timeline, visit: int, when: When) -> Place:
    spans = [span for span in line.spans if span.visit == visit]
    ends = line.phase_ends if when is When.NOW else spans[-1].ends
    return Place(spans[0].phase, when, spans[0].begins, ends)


def _coming(line: Timeline) -> list[Phase]:
    phases, phase = [], line.now.phase
    while phase is not REOPENED and (following := line.now.round.after(phase, asked=line.asked)):
        phases.append(following)
        phase = following
    return phases


def _dates(line: Timeline, phase: Phase) -> tuple[datetime | None, datetime | None]:
    found: list[Span] = [span for span in line.coming if span.phase == phase]
    return (found[0].begins, found[-1].ends) if found else (None, None)
