"""Table of learning notes."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model


class LearningNote(Identified, Model):
    """Learning note of an account, at an id and under a key of note_keys.

    No column names an account, circle, thread or day. A deleted note is emptied and its row stays:
    rows are counted up to the first id that no row has.
    """

    __tablename__ = "learning_note"
    __table_args__ = (NO_ROWID,)

    content: Mapped[bytes] = mapped_column(LargeBinary)  # sealed JSON, padded: see note_content
