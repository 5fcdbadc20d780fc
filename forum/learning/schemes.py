"""Schemes for which doctors record learning, as data: kinds, domains, years, source.

1 hour is 1 credit in each of them. Labels are in the language of the scheme.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from forum.rounds.definition_files import Refused, Table, opened

FOLDER = Path(__file__).parent / "data"
UNITS = ("credits", "hours")
_KNOWN = (
    *("key", "name", "source", "checked_on", "zones", "year_begins", "own_month", "unit"),
    *("filled_in", "split", "advice", "keep", "kinds", "domains", "ticks"),
)

__all__ = ["Option", "Refused", "Scheme", "scheme", "scheme_of_zone", "schemes"]


@dataclass(frozen=True, slots=True)
class Option:
    """One kind, domain or tick of a scheme."""

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme. zones: time zones, or beginnings of their names, in which it is proposed.

    year_begins: month, 1 to 12. own_month: members may count from a month of their own.
    split: kinds to which part of a note's minutes may belong. checked_on: day on which the source
    was compared with this file.
    """

    key: str
    name: str
    source: str
    checked_on: date
    zones: tuple[str, ...]
    year_begins: int
    own_month: bool
    unit: str
    filled_in: str
    split: tuple[str, ...]
    advice: str
    keep: str
    kinds: tuple[Option, ...]
    domains: tuple[Option, ...]
    ticks: tuple[Option, ...]

    def label(self, key: str) -> str:
        """Label of a kind, domain or tick; "" for an unknown key."""
        known = (*self.kinds, *self.domains, *self.ticks)
        return next((each.label for each in known if each.key == key), "")

    def kind(self, key: str) -> str:
        """A kind's key; the one that is filled in for a key of another scheme."""
        return key if any(each.key == key for each in self.kinds) else self.filled_in

    def year_of(self, day: date, begins: int = 0) -> int:
        """Calendar year in which the scheme's year of a day began. begins: own month, or 0."""
        return day.year - (day.month < (begins or self.year_begins))


@cache
def schemes() -> dict[str, Scheme]:
    """Schemes by key, in the order in which pages offer them. Raises Refused."""
    found = [read(path) for path in FOLDER.glob("*.toml")]
    return {each.key: each for each in sorted(found, key=lambda each: each.name, reverse=True)}


def scheme(key: str) -> Scheme | None:
    """A scheme by key, or None."""
    return schemes().get(key)


def scheme_of_zone(timezone: str) -> Scheme:
    """Scheme proposed to members of a time zone; the first one elsewhere."""
    found = (each for each in schemes().values() if timezone.startswith(each.zones))
    return next(found, next(iter(schemes().values())))


def read(path: Path) -> Scheme:
    """Read a scheme from its file. Raises Refused with file, line and reason."""
    table = opened(path)
    table.close(*_KNOWN)
    kinds = tuple(_options(table, "kinds"))
    found = Scheme(
        key=table.name("key"),
        name=table.text("name"),
        source=table.text("source"),
        checked_on=table.day("checked_on") or table.refuse("checked_on", "is missing"),
        zones=table.items("zones", str),
        year_begins=table.number("year_begins"),
        own_month=table.flag("own_month"),
        unit=table.text("unit"),
        filled_in=table.name("filled_in"),
        split=table.items("split", str),
        advice=table.text("advice", ""),
        keep=table.text("keep", ""),
        kinds=kinds,
        domains=tuple(_options(table, "domains")),
        ticks=tuple(_options(table, "ticks")),
    )
    _check(table, found)
    return found


def _options(table: Table, key: str) -> Iterator[Option]:
    for each in table.tables(key):
        each.close("key", "label", "hint")
        yield Option(each.name("key"), each.text("label"), each.text("hint", ""))


def _check(table: Table, found: Scheme) -> None:
    keys = [each.key for each in found.kinds]
    if not 1 <= found.year_begins <= 12:
        table.refuse("year_begins", "is no month from 1 to 12")
    if found.unit not in UNITS:
        table.refuse("unit", f"is none of {', '.join(UNITS)}")
    if found.filled_in not in keys:
        table.refuse("filled_in", f"{found.filled_in!r} is none of its kinds")
    if unknown := [each for each in found.split if each not in keys]:
        table.refuse("split", f"{unknown[0]!r} is none of its kinds")
