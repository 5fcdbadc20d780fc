"""Pictures of ways to talk: who writes and who only reads, phase after phase."""

from dataclasses import dataclass

from forum.policy.terms import Part
from forum.rounds.definitions import Phase, Round

WIDTH, GAP = 320, 3  # units of the drawing


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase in a picture. number: as in the list beside it; None where there is no list."""

    number: int | None
    x: float
    width: float
    colleagues: bool
    presenter: bool

    @property
    def middle(self) -> float:
        """Point at which its number stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to talk with its picture."""

    round: Round
    stretches: list[Stretch]


def way(each: Round) -> Way:
    """A round with its picture, the width of each phase as its days."""
    phases = each.phases
    if not phases:
        return Way(each, [Stretch(None, 0, WIDTH, colleagues=True, presenter=True)])
    days = [phase.days or 1 for phase in phases]
    unit, x, found = (WIDTH - GAP * (len(phases) - 1)) / sum(days), 0.0, list[Stretch]()
    for number, phase in enumerate(phases, 1):
        width = days[number - 1] * unit
        found.append(Stretch(number, round(x, 1), round(width, 1), *_writes(phase)))
        x += width + GAP
    return Way(each, found)


def _writes(phase: Phase) -> tuple[bool, bool]:
    """Whether colleagues write in a phase, and whether the presenter does."""
    return phase.by_wish or bool(phase.kinds(Part.RESPONDER)), bool(phase.kinds(Part.PRESENTER))
