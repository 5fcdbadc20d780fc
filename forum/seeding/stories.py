"""Reflections and replies of invented members: hand-written first, then composed from parts.

A circle repeats no text before all texts of the kind were used there.
"""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from forum.discussions.reply_preferences import Wish
from forum.policy.terms import ContentNote, ReplyKind
from forum.rounds.templates import DEFAULT

FILE = Path(__file__).with_name("stories.toml")
LONGER = 1 / 3  # share of composed reflections with two middle parts


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply written for a reflection. quote: an excerpt it starts from."""

    text: str
    kind: ReplyKind | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A reflection with replies. fields: of the template."""

    title: str
    fields: dict[str, str]
    wish: Wish = Wish.HEAR_ME_OUT
    template: str = DEFAULT
    notes: tuple[ContentNote, ...] = ()
    answers: tuple[Answer, ...] = ()
    topics: tuple[str, ...] = ()


class Stock:
    """Texts for a circle, with counts of their use there."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._said = chance, Counter[str]()

    def story(self) -> Story:
        """A reflection composed from parts."""
        parts = _data()["more"]
        body = [self.pick(parts[name]) for name in ("beginnings", "middles", "ends")]
        if self._chance.random() < LONGER and (unsaid := self._unsaid(parts["middles"])):
            body.insert(2, self.pick(unsaid))
        title = self.pick(parts["titles"]).format(self.pick(parts["subjects"]))
        wish = self._chance.choice([wish for wish in Wish if wish is not Wish.NO_REPLY])
        return Story(title[0].upper() + title[1:], {"story": "\n\n".join(body)}, wish)

    def thanks(self) -> str:
        """A presenter's closing reply."""
        return self.pick(_data()["thanks"])

    def answer(self, among: Sequence[Answer]) -> Answer:
        """Pick a reply from `among`."""
        said = self.pick([each.text for each in among])
        return next(each for each in among if each.text == said)

    def pick(self, texts: Sequence[str]) -> str:
        """Draw from the texts used least often."""
        least = min(self._said[text] for text in texts)
        picked = self._chance.choice([text for text in texts if self._said[text] == least])
        self._said[picked] += 1
        return picked

    def _unsaid(self, texts: Sequence[str]) -> list[str]:
        return [text for text in texts if not self._said[text]]


def by_hand(chance: Random) -> list[Story]:
    """Hand-written reflections, in random order."""
    told = [_story(each) for each in _data()["story"]]
    chance.shuffle(told)
    return told


def answers() -> list[Answer]:
    """Replies for any reflection open to their kind."""
    kinds = {
        "reflections": ReplyKind.REFLECTION,
        "questions": ReplyKind.QUESTION,
        "experiences": ReplyKind.OWN_EXPERIENCE,
    }
    return [Answer(text, kind) for name, kind in kinds.items() for text in _data()[name]]


def circle_names() -> list[str]:
    """Names for invented circles."""
    return list(_data()["circles"])


def names() -> list[str]:
    """Names of invented people: "Given Family"."""
    return list(_data()["names"])


def purpose() -> str:
    """Purpose of an invented circle, in a sentence."""
    return str(_data()["purpose"])


def topics() -> list[str]:
    """Topics of a circle, in order."""
    return list(_data()["topics"])


def _story(data: dict[str, Any]) -> Story:
    return Story(
        title=data["title"],
        fields={key: text.strip() for key, text in data["fields"].items()},
        wish=Wish(data["wish"]),
        template=data.get("template", DEFAULT),
        notes=tuple(ContentNote(note) for note in data.get("notes", ())),
        answers=tuple(_answer(each) for each in data.get("reply", ())),
        topics=(data["topic"],) if "topic" in data else (),
    )


def learned() -> list[tuple[int, int, str, str]]:
    """Learning notes, newest first: days ago, minutes, what was learned, what changes."""
    return [tuple(each) for each in _data()["learned"]]


def themes() -> list[str]:
    """Themes of a year, of the latest first."""
    return list(_data()["themes"])


def _answer(data: dict[str, str]) -> Answer:
    kind = ReplyKind(data["kind"]) if "kind" in data else None
    return Answer(data["text"], kind, data.get("quote", ""))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
