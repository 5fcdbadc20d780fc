"""Catalogue of templates and rounds: shipped files, overridden by an operator's own.

An operator's file replaces the shipped file of its key and version; a new key or higher version is
added. All files are read and checked at start, which a fault refuses.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forum.rounds import definitions, openings, templates
from forum.rounds.definition_files import Refused, opened
from forum.rounds.definitions import Round, read_rounds
from forum.rounds.templates import Template, read_templates

COMPOSER = Path(__file__).parent / "data" / "composer.toml"
OPEN_KEY = "open"


@dataclass(frozen=True, slots=True)
class Filled:
    """The composer's rounds for a wish: the first enabled is filled in, Change offers the rest.

    fixed: no template fills in another.
    """

    filled: tuple[str, ...]
    offers: tuple[str, ...]
    fixed: bool


@dataclass(frozen=True, slots=True)
class ChosenRound:
    """A thread's round: key, version, and the lengths set by its circle."""

    key: str
    version: int
    lengths: Mapping[str, int]

    def to_json(self) -> str:
        """JSON to store."""
        return json.dumps([self.key, self.version, dict(self.lengths)])

    @classmethod
    def from_json(cls, stored: str) -> "ChosenRound":
        """Parse stored JSON."""
        return cls(*json.loads(stored))

    @classmethod
    def of(cls, round_: Round) -> "ChosenRound":
        """A round as offered, with its offered lengths."""
        return cls(round_.key, round_.version, round_.lengths)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Templates and rounds by key and version, and the composer's lines by wish."""

    templates: Mapping[tuple[str, int], Template]
    rounds: Mapping[tuple[str, int], Round]
    composer: Mapping[str, Filled]

    def newest_templates(self) -> list[Template]:
        """The newest version of each template, in order."""
        newest = {key: each for (key, _), each in sorted(self.templates.items())}
        return sorted(newest.values(), key=lambda each: (each.order, each.key))

    def newest_rounds(self) -> dict[str, Round]:
        """The newest version of each round by its key, in order."""
        newest = {key: each for (key, _), each in sorted(self.rounds.items())}
        return dict(sorted(newest.items(), key=lambda item: (item[1].order, item[0])))

    def template(self, key: str, version: int) -> Template:
        """The template by key and version. Raises LookupError."""
        return self.templates[key, version]

    def round(self, chosen: ChosenRound) -> Round:
        """A thread's round, with its lengths.

        Without its file, the nearest version of its key, else Just talk: a missing definition must
        not make a thread unreadable. Lengths out of range are left out.
        """
        versions = [version for key, version in self.rounds if key == chosen.key]
        if not versions:
            return self.newest_rounds()[OPEN_KEY]
        nearest = min(versions, key=lambda version: (abs(version - chosen.version), -version))
        found = self.rounds[chosen.key, nearest]
        phases = {each.key for each in found.phases}
        return found.with_lengths({k: v for k, v in chosen.lengths.items() if k in phases})

    def sentences(self) -> list[str]:
        """Every sentence shown on pages, once, for translators."""
        of_templates = (text for each in self.templates.values() for text in each.sentences)
        of_rounds = (text for each in self.rounds.values() for text in each.sentences)
        groups = openings.groups().values()
        of_openings = (text for each in groups for text in (each.name, *each.words))
        return list(dict.fromkeys([*of_templates, *of_rounds, *of_openings]))


def catalogue(instance: Path | None = None) -> Catalogue:
    """The shipped definitions, overridden by an operator's. Raises Refused.

    instance: a folder with optional `rounds` and `templates`.
    """
    if not instance:
        return shipped()
    ours = shipped()
    read = Catalogue(
        {**ours.templates, **read_templates(instance / "templates")},
        {**ours.rounds, **read_rounds(instance / "rounds")},
        ours.composer,
    )
    _check(read, instance)
    return read


@cache
def shipped() -> Catalogue:
    """The definitions shipped with the forum, read once a process."""
    read = Catalogue(read_templates(templates.DATA), read_rounds(definitions.DATA), _composer())
    _check(read, None)
    return read


def _composer() -> dict[str, Filled]:
    table = opened(COMPOSER)
    found = {}
    for wish in table.values:
        each = table.table(wish)
        each.close("filled", "offers", "fixed")
        filled, offers = each.items("filled", str), each.items("offers", str)
        found[wish] = Filled(filled, offers, each.flag("fixed"))
    return found


def _check(read: Catalogue, instance: Path | None) -> None:
    """Refuse references to keys missing from other files."""
    where = instance or definitions.DATA.parent
    rounds = {key for key, _ in read.rounds}
    for each in read.templates.values():
        if each.round and each.round not in rounds:
            raise Refused(f"{where}: template {each.key} {each.version}: no round {each.round!r}")
    for wish, line in read.composer.items():
        for key in (*line.filled, *line.offers):
            if key not in rounds:
                raise Refused(f"{COMPOSER}: {wish} names no round: {key!r}")
    for found in read.rounds.values():
        for phase in found.phases:
            for group in phase.openings:
                if group not in openings.groups():
                    raise Refused(
                        f"{where}: round {found.key} {found.version}, phase {phase.key}: "
                        f"no openings {group!r}; known are {', '.join(openings.groups())}"
                    )
    if read.newest_rounds()[OPEN_KEY].phases:
        raise Refused(f"{where}: round {OPEN_KEY!r} has phases; all others fall back on it")
