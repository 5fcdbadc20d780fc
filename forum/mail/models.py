"""Table of outgoing emails."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed


class State(StrEnum):  # its name is in that of the table's constraint
    """Delivery state of an email. A delivered email has no row."""

    WAITING = "waiting"
    SENDING = "sending"  # being handed over, by one worker
    UNSURE = "unsure"  # connection or worker lost during hand-over: perhaps delivered
    GIVEN_UP = "given_up"  # refused permanently or too often; content deleted


class OutgoingMail(Identified, Model):
    """An email until delivery. In clear, the row reveals neither recipient nor content."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_due", "state", "due_at"), NO_ROWID)

    address = ServiceSealed(str)
    subject = ServiceSealed(str)
    text = ServiceSealed(str)
    html = ServiceSealed(str, came_later=True)  # HTML version of the text, or ""
    unsubscribe = ServiceSealed(str, came_later=True)  # one-click URL, or ""
    log_mark = ServiceSealed(str, came_later=True)  # head of the service's log, or ""
    whose = ServiceSealed(str, came_later=True)  # id of the member to ask before sending, or ""
    link = ServiceSealed(str, came_later=True)  # digest of the link's secret in hexadecimal, or ""
    state: Mapped[State] = mapped_column(default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    # Earliest time of the next attempt, UTC: cut to the hour, and after a refusal to the minute.
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]  # UTC: start of the hand-over
    code: Mapped[int | None]  # reply code of the last refusal, RFC 5321 section 4.2
