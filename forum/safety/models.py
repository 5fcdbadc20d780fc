"""Tables of guardians."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model


class Guardian(Identified, Model):
    """Account that the programme lead asked to be a guardian. Members of every circle read who
    accepted, so the row names its account openly.
    """

    __tablename__ = "guardian"
    __table_args__ = (NO_ROWID,)

    member_id: Mapped[UUID] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), unique=True
    )
    accepted: Mapped[bool] = mapped_column(default=False)
