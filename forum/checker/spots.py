"""Matches of rules in normalised text, and the resolution of overlaps."""

from collections.abc import Iterable
from dataclasses import dataclass

from forum.checker.findings import Kind, Severity


@dataclass(frozen=True, slots=True)
class Spot:
    """A detail at text[start:end] of normalised text; the more revealing rank wins an overlap."""

    kind: Kind
    severity: Severity
    start: int
    end: int
    instead: str = ""
    rank: int = 0


_GRAVITY = {Severity.STOP: 0, Severity.CONFIRM: 1, Severity.NUDGE: 2}


def without_overlaps(spots: Iterable[Spot]) -> list[Spot]:
    """Spots in order of start; among overlapping spots the higher ranked, graver, longer stays."""
    kept: dict[int, Spot] = {}
    taken = bytearray()
    for spot in sorted(spots, key=_order):
        if len(taken) < spot.end:
            taken.extend(bytes(spot.end - len(taken)))
        if not any(taken[spot.start : spot.end]):
            taken[spot.start : spot.end] = b"\1" * (spot.end - spot.start)
            kept[spot.start] = spot
    return [kept[start] for start in sorted(kept)]


def _order(spot: Spot) -> tuple[int, int, int, int]:
    return -spot.rank, _GRAVITY[spot.severity], spot.start - spot.end, spot.start
