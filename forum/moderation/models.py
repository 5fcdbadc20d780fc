"""Table of flags and messages to the moderators."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.authors.models import Author
from forum.core.db import NO_ROWID, InCircle, Model, in_same_circle
from forum.core.sealing import CircleSealed
from forum.core.tokens import version_token
from forum.policy.terms import FlagReason

WORDS_MAX = 2_000  # characters
REASON_MAX = 300  # characters


class Outcome(StrEnum):
    """Outcome of a flag or message."""

    KEPT_HIDDEN = "kept_hidden"  # confirmed by a moderator: waits for its author
    MENDED = "mended"  # changed by its author, and shown after review
    SHOWN = "shown"  # reviewed without need for a change
    ACTED = "acted"  # a moderator hid, locked or muted
    GONE = "gone"  # the post was withdrawn
    LAPSED = "lapsed"  # older releases showed hidden posts again unreviewed
    ANSWERED = "answered"  # a message, not about a post


class Flag(InCircle, Model):
    """A flag on a post, or a message about none, sent by a member and stored without a name.

    Times are days: an hour beside the hours of sign-ins would reveal the sender.
    """

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("circle_id", "mark"),
        in_same_circle("author_id", "author", "CASCADE"),
        Index(None, "circle_id", "post_id"),
        NO_ROWID,
    )

    mark: Mapped[bytes] = mapped_column(LargeBinary(32))  # keyed: see Hand
    post_id: Mapped[UUID | None]  # a thread's opening or a reply
    author_id: Mapped[UUID | None]  # of the post
    about: Mapped[UUID]  # input of the mark: the post's revision, or the flag's id
    reason = CircleSealed(FlagReason)
    words = CircleSealed(str)
    # hex id of the thread in which something cannot wait, or ""
    of_thread = CircleSealed(str, came_later=True)
    signed = CircleSealed(str)  # the writer's name if signed, or ""
    raised_on: Mapped[date]  # UTC day
    hides: Mapped[bool] = mapped_column(default=False)  # whether it hid the post
    outcome: Mapped[Outcome | None]
    settled_on: Mapped[date | None]  # UTC day
    answer = CircleSealed(str)  # of the moderators, or ""
    told: Mapped[bool] = mapped_column(default=False)  # whether the outcome was seen by its writer
    author: Mapped[Author | None] = relationship(lazy="joined")

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.of_thread = ""

    @property
    def thread_id(self) -> UUID | None:
        """Thread of a message that cannot wait."""
        return UUID(self.of_thread) if self.of_thread else None

    @property
    def version(self) -> str:
        """Token of the current answer: 64 hexadecimal digits."""
        return version_token(self.id, self.answer)
