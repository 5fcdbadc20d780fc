"""What a composer holds: the words, and how they would be posted."""

import json
from dataclasses import asdict, dataclass, field, replace
from re import split
from typing import Any, Self
from uuid import UUID

from forum.discussions.reply_preferences import Wish
from forum.policy.terms import AuthorMode, ContentNote, ReplyKind
from forum.rounds.templates import DEFAULT, Template, newest


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of another post, to be shown inside a reply."""

    post_id: UUID
    excerpt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """A reply as its composer holds it. mode: the name to write under, once it was chosen."""

    body: str = field(default="", repr=False)
    mode: AuthorMode | None = None
    kind: ReplyKind | None = None
    quoted: Quoted | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.body

    def to_json(self) -> str:
        """As a draft keeps it."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """As a draft kept it."""
        kept = json.loads(text)
        quoted = kept["quoted"] and Quoted(
            UUID(kept["quoted"]["post_id"]), kept["quoted"]["excerpt"]
        )
        return cls(kept["body"], _mode(kept), kept["kind"] and ReplyKind(kept["kind"]), quoted)


@dataclass(frozen=True, slots=True)
class Reflection:
    """A reflection as its composer holds it.

    fields: key -> Markdown, of the template's fields. mode: as for a reply.
    """

    title: str = field(default="", repr=False)
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    template: str = DEFAULT
    mode: AuthorMode | None = None
    wish: Wish = Wish.HEAR_ME_OUT
    notes: tuple[ContentNote, ...] = ()

    @property
    def shape(self) -> Template:
        """The template it is told by."""
        return newest(self.template)

    @property
    def body(self) -> str:
        """All of it as one Markdown text."""
        return self.shape.composed(self.fields)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.title or self.body)

    def told_by(self, template: str) -> Self:
        """The same words in another template: what has no field there goes into its first."""
        shape = newest(template)
        kept = {each.key: self.fields.get(each.key, "") for each in shape.fields}
        homeless = [text for key, text in self.fields.items() if key not in kept and text]
        first = shape.fields[0].key
        kept[first] = "\n\n".join(filter(None, [kept[first], *homeless]))
        return replace(self, template=shape.key, fields=kept)

    def to_json(self) -> str:
        """As a draft keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """As a draft kept it."""
        kept = json.loads(text)
        return cls(
            title=kept["title"],
            fields=kept["fields"],
            template=kept["template"],
            mode=_mode(kept),
            wish=Wish(kept["wish"]),
            notes=tuple(ContentNote(each) for each in kept["notes"]),
        )


def paragraphs(body: str) -> list[str]:
    """A text in the pieces that can be marked one by one: what stands between empty lines."""
    return [part for part in split(r"\n\s*\n", body) if part.strip()]


def _mode(kept: dict[str, Any]) -> AuthorMode | None:
    return AuthorMode(kept["mode"]) if kept["mode"] else None
