"""Import of texts from a file, through the services used by pages."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from forum.checker import Kind
from forum.circles.queries import enter
from forum.core.clock import now
from forum.discussions.imports import tell
from forum.seeding.people import Company, at


@dataclass(frozen=True, slots=True)
class Text:
    """A line of the file; title or text may be empty."""

    title: str = field(repr=False)
    text: str = field(repr=False)


def read(path: Path) -> list[Text]:
    """Texts from JSON lines with `title` and `text`. Raises ValueError naming the line."""
    texts = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                data = json.loads(line)
                texts.append(Text(_words(data["title"]), _words(data["text"])))
            except (ValueError, LookupError, TypeError):
                said = f"Line {number} is not a JSON object with a `title` and a `text` in words."
                raise ValueError(said) from None
    return texts


def post(
    texts: list[Text],
    companies: list[Company],
    span: timedelta,
    chance: Random,
    progress: Callable[[], object],
) -> "Counter[Kind]":
    """Post each text in one of the circles in turn, spread over `span` until now.

    Gives how many details were marked by which somebody might be recognised, by kind.
    """
    end, found = now(), Counter[Kind]()
    for place, text in enumerate(texts):
        company = companies[place % len(companies)]
        person = chance.choice(company.people)
        with at(end - span * (1 - place / len(texts))):
            standing = enter(person.id, company.circle_id)
            tell(standing, person.mode, text.title, text.text, found)
        progress()
    return found


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
