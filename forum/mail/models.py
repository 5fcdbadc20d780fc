"""Letters that wait to be sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.sealing import ServiceSealed


class State(StrEnum):
    """How far a letter has come. One that arrived has no row."""

    WAITING = "waiting"
    SENDING = "sending"  # handed over just now, by one worker
    UNSURE = "unsure"  # the worker or the server was lost meanwhile: it may have arrived
    GIVEN_UP = "given_up"  # refused for good, or too often; its words are gone


class OutgoingMail(Identified, Model):
    """One letter, until it is sent. In clear it names nobody, nor says what it is."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_due", "state", "due_at"), NO_ROWID)

    address = ServiceSealed(str)
    subject = ServiceSealed(str)
    text = ServiceSealed(str)
    html = ServiceSealed(
        str, came_later=True
    )  # the same, set for mail programs that like it so; "" for none
    unsubscribe = ServiceSealed(str, came_later=True)  # where letters of this kind end, if they do
    log_mark = ServiceSealed(str, came_later=True)  # where the service's log ended, or ""
    whose = ServiceSealed(str, came_later=True)  # id of the member who must still want it, if one
    state: Mapped[State] = mapped_column(default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]  # UTC, cut to the hour: not to be tried before
    taken_at: Mapped[datetime | None]  # UTC: since when it is being handed over
    code: Mapped[int | None]  # the server's last refusal, RFC 5321 section 4.2
