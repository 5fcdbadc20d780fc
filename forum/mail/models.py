"""Letters that wait to be sent."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed


class OutgoingMail(Identified, Model):
    """One letter, until it is sent. No member is named: the address is all that it needs."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_due", "given_up", "due_at"), NO_ROWID)

    address = ServiceSealed(str)
    subject = ServiceSealed(str)
    text = ServiceSealed(str)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]  # UTC, cut to the hour: not to be tried before
    given_up: Mapped[bool] = mapped_column(default=False)  # its words are gone; the row counts
