"""Tables of guardians, and of what they are asked."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed
from forum.safety.matters import Content


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


class Matter(Identified, Model):
    """Request to open a name, or question for advice. All of it is sealed, so that a row tells
    neither circle nor post, neither kind nor day.
    """

    __tablename__ = "safety_matter"
    __table_args__ = (NO_ROWID,)

    stored = ServiceSealed(str)  # padded JSON of matters.Content

    @property
    def content(self) -> Content:
        """Opened content."""
        return Content.from_json(self.stored)

    @content.setter
    def content(self, content: Content) -> None:
        self.stored = content.padded()
