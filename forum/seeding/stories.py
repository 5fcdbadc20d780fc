"""What invented members tell and answer: written by hand first, then put together from parts."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import Any

from forum.discussions.wishes import Wish
from forum.policy.terms import ContentNote, ReplyKind
from forum.rounds.templates import DEFAULT

FILE = Path(__file__).with_name("stories.toml")


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, meant for one reflection. quote: words of it that the reply begins from."""

    text: str
    kind: ReplyKind | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One reflection with the answers that were written for it. fields: as of a template."""

    title: str
    fields: dict[str, str]
    wish: Wish = Wish.HEAR_ME_OUT
    template: str = DEFAULT
    notes: tuple[ContentNote, ...] = ()
    answers: tuple[Answer, ...] = ()


def stories(count: int, chance: Random) -> list[Story]:
    """So many reflections, in a drawn order; those written by hand come before any other."""
    by_hand = [_story(each) for each in _data()["story"]]
    chance.shuffle(by_hand)
    return list(islice(chain(by_hand, _more(chance)), count))


def answers() -> list[Answer]:
    """Answers that fit under any reflection that asks for their kind."""
    kinds = {
        "reflections": ReplyKind.REFLECTION,
        "questions": ReplyKind.QUESTION,
        "experiences": ReplyKind.OWN_EXPERIENCE,
    }
    return [Answer(text, kind) for name, kind in kinds.items() for text in _data()[name]]


def thanks() -> list[str]:
    """What a presenter comes back with."""
    return list(_data()["thanks"])


def circle_names() -> list[str]:
    """What invented circles are called."""
    return list(_data()["circles"])


def names() -> list[str]:
    """Names of people, none of whom exists: "Given Family"."""
    return list(_data()["names"])


def _more(chance: Random) -> Iterator[Story]:
    parts = _data()["more"]
    wishes = [wish for wish in Wish if wish is not Wish.NO_REPLY]
    while True:
        subject, title = chance.choice(parts["subjects"]), chance.choice(parts["titles"])
        middles = chance.sample(parts["middles"], chance.choice((1, 1, 2)))
        body = [chance.choice(parts["beginnings"]), *middles, chance.choice(parts["ends"])]
        said = title.format(subject)
        yield Story(said[0].upper() + said[1:], {"story": "\n\n".join(body)}, chance.choice(wishes))


def _story(data: dict[str, Any]) -> Story:
    return Story(
        title=data["title"],
        fields={key: text.strip() for key, text in data["fields"].items()},
        wish=Wish(data["wish"]),
        template=data.get("template", DEFAULT),
        notes=tuple(ContentNote(note) for note in data.get("notes", ())),
        answers=tuple(_answer(each) for each in data.get("reply", ())),
    )


def _answer(data: dict[str, str]) -> Answer:
    kind = ReplyKind(data["kind"]) if "kind" in data else None
    return Answer(data["text"], kind, data.get("quote", ""))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
