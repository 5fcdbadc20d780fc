"""Values held by a composer: the text, its author mode, kind or template, and language."""

from dataclasses import dataclass, field, replace
from re import split
from typing import Self
from uuid import UUID

from forum import markup
from forum.core.stored_json import StoredAsJson, store_as
from forum.discussions.reply_preferences import Wish
from forum.policy.terms import AuthorMode, ContentNote, Kind, kind_of
from forum.rounds.field_texts import carried
from forum.rounds.templates import DEFAULT, Template
from forum.web.round_catalogue import newest_template

store_as(Kind, str, kind_of)
SUITS = "suits"  # way to talk: the one that belongs to the wish and the template


@dataclass(frozen=True, slots=True)
class Quoted:
    """An excerpt of a post, to be shown inside a reply."""

    post_id: UUID
    excerpt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyWords(StoredAsJson):
    """A reply in its composer. mode: the author mode, once chosen."""

    body: str = field(default="", repr=False)
    mode: AuthorMode | None = None
    kind: Kind | None = None
    quoted: Quoted | None = None
    language: str = ""  # RFC 5646 tag; "" where it is to be found from the text
    report_on: str = ""  # of an action: its ISO day

    @property
    def spoken(self) -> str:
        """Language as posted: the chosen one, else that found from the text alone."""
        return self.language or markup.language(self.body)

    @property
    def is_empty(self) -> bool:
        """Whether the body is empty."""
        return not self.body


@dataclass(frozen=True, slots=True)
class Reflection(StoredAsJson):
    """A reflection in its composer.

    fields: key -> Markdown, of the template's fields. mode: the author mode, once chosen. talk: key
    of a round, or SUITS; "" for Just talk. topics: of its circle's, TOPICS_EACH at most.
    """

    title: str = field(default="", repr=False)
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    template: str = DEFAULT
    mode: AuthorMode | None = None
    wish: Wish = Wish.HEAR_ME_OUT
    notes: tuple[ContentNote, ...] = ()
    talk: str = ""
    topics: tuple[str, ...] = ()
    language: str = ""  # as of ReplyWords

    @property
    def spoken(self) -> str:
        """Language as posted: the chosen one, else that found from the text alone."""
        return self.language or markup.language(self.body)

    @property
    def shape(self) -> Template:
        """The newest version of the template in use."""
        return newest_template(self.template)

    @property
    def body(self) -> str:
        """All fields composed into a single Markdown text."""
        return self.shape.composed(self.fields)

    @property
    def is_empty(self) -> bool:
        """Whether title and body are empty."""
        return not (self.title or self.body)

    def told_by(self, template: str) -> Self:
        """Move the text to another template: to fields of equal meaning, the rest to the first.

        A template's own round comes along.
        """
        shape = newest_template(template)
        kept = carried(self.fields, self.shape, shape)
        talk = SUITS if shape.round else self.talk
        return replace(self, template=shape.key, fields=kept, talk=talk)


def paragraphs(body: str) -> list[str]:
    """Split a text at empty lines into paragraphs, each of which can be marked."""
    return [part for part in split(r"\n\s*\n", body) if part.strip()]
