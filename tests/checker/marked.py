"""Texts with ⟦kind|words⟧ marks, as typed and with the spans of what is marked."""

import re
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).with_name("texts.txt")
_MARK = re.compile(r"⟦(\w+)\|([^⟧]*)⟧")
_HEAD = re.compile(r"^=== (\S+) (\S+) (\S+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without its marks. spans: (kind, start, end); facets of its combination, or none."""

    id: str
    text: str
    spans: list[tuple[str, int, int]]
    facets: frozenset[str]

    @property
    def clean(self) -> bool:
        """True where nothing is to be found."""
        return self.id.startswith("c")


def marked(path: Path = TEXTS) -> list[Marked]:
    """All texts of a file of marked texts, in order."""
    pieces = _HEAD.split(path.read_text())[1:]
    return [_one(*pieces[i : i + 4]) for i in range(0, len(pieces), 4)]


def _one(name: str, country: str, facets: str, body: str) -> Marked:
    text, spans, end = "", [], 0
    body = body.strip("\n")
    for found in _MARK.finditer(body):
        text += body[end : found.start()]
        spans.append((found[1], len(text), len(text) + len(found[2])))
        text += found[2]
        end = found.end()
    return Marked(name, text + body[end:], spans, frozenset(facets.split(",")) - {"-"})
