"""Opening lines for replies, to insert at the cursor, in groups named by phases."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forum.rounds.definition_files import opened
from forum.rounds.definitions import Phase

DATA = Path(__file__).parent / "data" / "openings.toml"


@dataclass(frozen=True, slots=True)
class Openings:
    """A group of opening lines: beginnings or whole sentences."""

    key: str
    name: str
    words: tuple[str, ...]


def openings_for(phase: Phase) -> list[Openings]:
    """The groups of "Stuck for words?" in a phase.

    Groups for answers, if the phase names none and the wish decides, as in Just talk.
    """
    keys = phase.openings or (ANSWERING if phase.by_wish else ())
    return [groups()[key] for key in keys]


ANSWERING = ("meet", "stand_beside", "open")


@cache
def groups() -> dict[str, Openings]:
    """Every group by its key, in the order of its file. Raises Refused."""
    table = opened(DATA)
    found = {}
    for key in table.values:
        each = table.table(key)
        each.close("name", "words")
        found[key] = Openings(key, each.text("name"), each.items("words", str))
    return found
