"""What is kept of when to write to somebody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed


class MailPlan(Identified, Model):
    """When the next digest is to be thought of for a member, and what they wish. Its id is theirs.

    The moment is one that they chose, of a day like any other: it tells of nothing they did.
    """

    __tablename__ = "mail_plan"
    __table_args__ = (NO_ROWID,)

    id: Mapped[UUID] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    digest_at: Mapped[datetime | None] = mapped_column(index=True)  # UTC; none: never
    wishes = ServiceSealed(str)  # JSON: see wishes
    told = ServiceSealed(str)  # JSON: what the last digest was about: see digests.Told
