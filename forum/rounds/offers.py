"""A circle's offers in its composer: templates, and rounds by the presenter's wish."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from forum.policy.terms import Part
from forum.rounds.catalogue import OPEN_KEY, Catalogue
from forum.rounds.definitions import Round
from forum.rounds.templates import DEFAULT, Template


@dataclass(frozen=True, slots=True)
class CircleRounds:
    """A circle's choice of rounds and templates; absent keys keep their file's default.

    rounds, templates: key -> on. lengths: round key -> phase key -> days.
    """

    rounds: Mapping[str, bool] = field(default_factory=dict)
    templates: Mapping[str, bool] = field(default_factory=dict)
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    has_facilitator: bool = False

    def check(self, catalogue: Catalogue) -> None:
        """Raise ValueError for an unknown key, or a length out of range."""
        templates = {each.key for each in catalogue.newest_templates()}
        newest = catalogue.newest_rounds()
        for key in {*self.rounds, *self.lengths} - newest.keys():
            raise ValueError(f"no round {key!r}")
        for key in self.templates.keys() - templates:
            raise ValueError(f"no template {key!r}")
        for key, lengths in self.lengths.items():
            newest[key].with_lengths(lengths)

    def offers(self, each: Round) -> bool:
        """Whether a round is in the list; Just talk always is."""
        if each.needs_facilitator and not self.has_facilitator:
            return False
        return each.key == OPEN_KEY or self.rounds.get(each.key, each.on)

    def with_lengths(self, each: Round) -> Round:
        """A round with this circle's lengths, those out of range ignored."""
        lengths = self.lengths.get(each.key, {})
        phases = {phase.key for phase in each.phases}
        return each.with_lengths({key: days for key, days in lengths.items() if key in phases})


@dataclass(frozen=True, slots=True)
class Talk:
    """The composer's line "How we talk about it". offers: the list under Change; empty hides it."""

    filled: Round
    offers: tuple[Round, ...]


def ways_to_tell(catalogue: Catalogue, circle: CircleRounds) -> list[Template]:
    """The templates of the composer's list, in order; "Just tell it" always among them."""
    return [
        each
        for each in catalogue.newest_templates()
        if each.use == "composer"
        and (each.key == DEFAULT or circle.templates.get(each.key, each.on))
    ]


def ways_to_talk(
    catalogue: Catalogue, circle: CircleRounds, wish: str, told_by: Template | None = None
) -> Talk:
    """The round filled in for a wish, and the rounds offered by Change.

    wish: an answer to "What would help?". told_by: a template with a round of its own. Rounds that
    facilitators begin are never among them: see `rounds_to_begin`. Raises LookupError for an
    unknown wish.
    """
    line, newest = catalogue.composer[wish], catalogue.newest_rounds()
    brings = (told_by.round,) if told_by and told_by.round and not line.fixed else ()
    on = {
        key: circle.with_lengths(each)
        for key, each in newest.items()
        if each.begun_by is Part.PRESENTER and circle.offers(each)
    }
    filled = next(key for key in (*brings, *line.filled, OPEN_KEY) if key in on)
    usual = next(key for key in (*line.filled, OPEN_KEY) if key in on)
    others = dict.fromkeys((usual, *line.offers) if filled != usual else line.offers)
    return Talk(on[filled], tuple(on[key] for key in others if key in on and key != filled))


def rounds_to_begin(
    catalogue: Catalogue, circle: CircleRounds, *, facilitates: bool
) -> list[Round]:
    """Rounds begun by a facilitator with a theme."""
    if not facilitates:
        return []
    found = (each for each in catalogue.newest_rounds().values() if circle.offers(each))
    return [circle.with_lengths(each) for each in found if each.begun_by is Part.FACILITATOR]


def ways_on(catalogue: Catalogue, circle: CircleRounds, line: Round) -> list[Round]:
    """Rounds offered by "Talk another way", without the present round."""
    found = (each for each in catalogue.newest_rounds().values() if circle.offers(each))
    return [
        circle.with_lengths(each)
        for each in found
        if each.begun_by is Part.PRESENTER and each.key != line.key
    ]
