"""What is still to be done for those who left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, InCircle, Model


class Farewell(InCircle, Model):
    """An everyday name whose words are to go at a slot. It names nobody."""

    __tablename__ = "farewell"
    __table_args__ = (NO_ROWID,)

    author_id: Mapped[UUID] = mapped_column(
        ForeignKey("author.id", ondelete="CASCADE"), unique=True
    )
    goes_at: Mapped[datetime]  # UTC, a slot, drawn for each name apart
