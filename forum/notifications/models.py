"""Table of email plans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed


class MailPlan(Identified, Model):
    """A member's email preferences and next digest, under the member's id.

    The moment is scheduled from the member's choice, and so reveals none of their acts.
    """

    __tablename__ = "mail_plan"
    __table_args__ = (NO_ROWID,)

    id: Mapped[UUID] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    digest_at: Mapped[datetime | None] = mapped_column(index=True)  # UTC; none: never
    wishes = ServiceSealed(str)  # JSON of email_preferences.EmailPreferences
    told = ServiceSealed(str)  # JSON of digests.Told
