"""What members tell the moderators."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.authors.models import Author
from forum.core.db import NO_ROWID, InCircle, Model
from forum.core.sealing import CircleSealed
from forum.core.tokens import digest
from forum.policy.terms import FlagReason

WORDS_MAX = 2_000  # characters


class Outcome(StrEnum):
    """What came of a flag."""

    KEPT_HIDDEN = "kept_hidden"  # a moderator agreed: it waits for its author
    MENDED = "mended"  # its author changed it, and somebody looked and let it show again
    SHOWN = "shown"  # somebody looked and saw no need
    ACTED = "acted"  # a moderator did something else about it
    GONE = "gone"  # it was withdrawn, by whomever
    LAPSED = "lapsed"  # of an older release, in which a hidden post showed again by itself
    ANSWERED = "answered"  # a letter, not about a post


class Flag(InCircle, Model):
    """One member's word to the moderators, about a post or about none. Nobody's name is on it.

    Times are days and slots: beside the hours of signing in, an hour would tell who it was.
    """

    __tablename__ = "flag"
    __table_args__ = (NO_ROWID,)

    mark: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)  # of whose it is: see Hand
    post_id: Mapped[UUID | None] = mapped_column(index=True)  # a thread's opening or a reply
    author_id: Mapped[UUID | None] = mapped_column(  # who wrote that post
        ForeignKey("author.id", ondelete="CASCADE")
    )
    about: Mapped[UUID]  # what the mark is made for: the post's revision, or the flag's own id
    reason = CircleSealed(FlagReason)
    words = CircleSealed(str)
    signed = CircleSealed(str)  # the name its writer chose to put on it; "" for none
    raised_on: Mapped[date]  # UTC day
    hides: Mapped[bool] = mapped_column(default=False)  # whether it hid the post
    outcome: Mapped[Outcome | None]
    settled_on: Mapped[date | None]  # UTC day
    answer = CircleSealed(str)  # of the moderators; "" for none
    told: Mapped[bool] = mapped_column(default=False)  # whether its writer has seen the outcome
    author: Mapped[Author | None] = relationship(lazy="joined")

    @property
    def version(self) -> str:
        """Token of its answer as it stands: 64 hexadecimal digits."""
        return digest(f"{self.id}|{self.answer}").hex()
