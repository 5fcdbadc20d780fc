"""What is still to be done for those who left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, InCircle, Model
from forum.core.sealing import CircleSealed


class Departure(InCircle, Model):
    """Somebody left: which of their posts are to be withdrawn, and when.

    Every leaver has one, of one size and for one length of time, whatever they chose; no name, no
    moment and no choice stands in it without the circle's key.
    """

    __tablename__ = "departure"
    __table_args__ = (NO_ROWID,)

    plan = CircleSealed(str)  # JSON, padded: see plans.Plan


class Farewell(InCircle, Model):
    """The same as an earlier release kept it, in clear. The worker seals what is left of these."""

    __tablename__ = "farewell"
    __table_args__ = (NO_ROWID,)

    author_id: Mapped[UUID] = mapped_column(
        ForeignKey("author.id", ondelete="CASCADE"), unique=True
    )
    goes_at: Mapped[datetime]  # UTC, a slot, drawn for each name apart
