"""The reflective templates: their fields and prompts, read from the files in `data`.

A thread keeps the template's key and version, so a template may change without changing what was
written with it: a new version is a new file, and old ones stay.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
DEFAULT = "free"


@dataclass(frozen=True, slots=True)
class Field:
    """One prompt of a template, and whether something must be said to it."""

    key: str
    prompt: str
    required: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A way to tell a reflection. order: its place among those that are offered."""

    key: str
    version: int
    order: int
    name: str
    fields: tuple[Field, ...]

    def composed(self, texts: dict[str, str]) -> str:
        """The reflection as one Markdown text: each prompt that was answered, and the answer.

        texts: field key -> Markdown. Of a single answer the prompt is left out.
        """
        said = [(field.prompt, texts[field.key]) for field in self.fields if texts.get(field.key)]
        if len(self.fields) == 1:
            return "".join(text for _, text in said)
        return "\n\n".join(f"## {prompt}\n\n{text}" for prompt, text in said)


def template(key: str, version: int) -> Template:
    """The template of that key and version. Raises LookupError."""
    return _all()[key, version]


def offered() -> list[Template]:
    """The newest version of each template, in the order in which they are offered."""
    newest: dict[str, Template] = {}
    for _, each in sorted(_all().items()):
        newest[each.key] = each
    return sorted(newest.values(), key=lambda each: each.order)


def newest(key: str) -> Template:
    """The newest version of a template; of one that is not offered, the default's."""
    by_key = {each.key: each for each in offered()}
    return by_key.get(key, by_key[DEFAULT])


@cache
def _all() -> dict[tuple[str, int], Template]:
    found = (_read(path) for path in DATA.glob("*.toml"))
    return {(each.key, each.version): each for each in found}


def _read(path: Path) -> Template:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = (
        Field(each["key"], each["prompt"], each.get("required", False)) for each in data["fields"]
    )
    return Template(data["key"], data["version"], data["order"], data["name"], tuple(fields))
