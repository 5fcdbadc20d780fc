"""Reflective templates: fields and prompts, read from `data/templates`.

A thread stores its template's key and version, so a template may change without affecting older
threads: a new version is a new file, and old files stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forum.rounds.definition_files import Table, opened

DATA = Path(__file__).parent / "data" / "templates"
DEFAULT = "free"


@dataclass(frozen=True, slots=True)
class Field:
    """A prompt of a template, and whether an answer is required.

    meaning: shared with fields of other templates, for moving text on a change of template.
    choices: value -> label, for a chosen instead of a typed answer.
    """

    key: str
    prompt: str
    required: bool = False
    meaning: str = ""
    choices: Mapping[str, str] | None = None

    def takes(self, text: str) -> bool:
        """True if the field accepts this text."""
        return self.choices is None or text in self.choices


@dataclass(frozen=True, slots=True)
class Template:
    """A way to tell a reflection. order: its position in the list.

    line: its purpose, in the list of templates. round: the key of its round. use: "composer",
    "reply" (a story of a theme round) or "later" (a look-back). on: offered in a new circle. later:
    fields filled in by the presenter during the round.
    """

    key: str
    version: int
    order: int
    name: str
    fields: tuple[Field, ...]
    line: str = ""
    on: bool = False
    round: str | None = None
    use: str = "composer"
    title_required: bool = True
    banner: str = ""
    later: tuple[Field, ...] = ()

    def composed(self, texts: dict[str, str]) -> str:
        """The reflection as a single Markdown text: each answered prompt with its answer.

        texts: field key -> Markdown. The prompt of a sole answer is left out.
        """
        said = [(field, texts[field.key]) for field in self.fields if texts.get(field.key)]
        if len(self.fields) == 1:
            return "".join(text for _, text in said)
        return "\n\n".join(f"## {field.prompt}\n\n{_shown(field, text)}" for field, text in said)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence shown on pages, for translators."""
        fields = (*self.fields, *self.later)
        labels = (label for field in fields for label in (field.choices or {}).values())
        words = (self.name, self.line, self.banner, *(field.prompt for field in fields), *labels)
        return tuple(filter(None, words))


def template(key: str, version: int) -> Template:
    """The template by key and version. Raises LookupError."""
    return _shipped()[key, version]


def newest(key: str) -> Template:
    """The newest version of a template; of an unknown key, the default's."""
    versions = [version for known, version in _shipped() if known == key]
    return _shipped()[key, max(versions)] if versions else newest(DEFAULT)


def read_templates(folder: Path) -> dict[tuple[str, int], Template]:
    """The templates of a folder, by key and version. Raises Refused."""
    found: dict[tuple[str, int], Template] = {}
    for file in sorted(folder.glob("*.toml")):
        table = opened(file)
        each = _read(table)
        if (each.key, each.version) in found:
            table.refuse("key", f"{each.key!r} has its version {each.version} in another file too")
        found[each.key, each.version] = each
    return found


@cache
def _shipped() -> dict[tuple[str, int], Template]:
    return read_templates(DATA)


def _shown(field: Field, text: str) -> str:
    return (field.choices or {}).get(text, text)


def _read(table: Table) -> Template:
    table.close(
        *("key", "version", "order", "name", "line", "on", "round", "use", "title_optional"),
        *("banner", "fields", "later"),
    )
    read = Template(
        key=table.name("key"),
        version=table.number("version"),
        order=table.number("order"),
        name=table.text("name"),
        fields=tuple(_field(each) for each in table.tables("fields")),
        line=table.text("line", ""),
        on=table.flag("on"),
        round=table.name("round") if "round" in table.values else None,
        use=table.text("use", "composer"),
        title_required=not table.flag("title_optional"),
        banner=table.text("banner", ""),
        later=tuple(_field(each) for each in table.tables("later")),
    )
    _check(table, read)
    return read


def _check(table: Table, read: Template) -> None:
    if read.version < 1:
        table.refuse("version", "begins at 1")
    if read.use not in ("composer", "reply", "later"):
        table.refuse("use", "is neither composer, reply nor later")
    if not read.fields or read.fields[0].choices:
        table.refuse("fields", "begins with no field to type in, where text of other fields can go")
    seen: set[str] = set()
    for part, fields in (("fields", read.fields), ("later", read.later)):
        for number, field in enumerate(fields, 1):
            if field.key in seen:
                table.refuse(f"{part}[{number}].key", f"{field.key!r} stands twice")
            seen.add(field.key)


def _field(table: Table) -> Field:
    table.close("key", "prompt", "required", "meaning", "choices")
    key = table.name("key")
    choices: dict[str, str] = {}
    for each in table.tables("choices"):
        each.close("key", "label")
        if each.name("key") in choices:
            each.refuse("key", f"{each.name('key')!r} stands twice")
        choices[each.name("key")] = each.text("label")
    meaning = table.name("meaning") if "meaning" in table.values else key
    return Field(key, table.text("prompt"), table.flag("required"), meaning, choices or None)
