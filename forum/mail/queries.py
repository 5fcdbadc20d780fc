"""Queries about mail; no email's content is read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from forum.core.clock import now
from forum.core.db import db
from forum.mail.models import OutgoingMail, State

STUCK_AFTER = timedelta(hours=2)  # of waiting; stored times are cut to the hour


def is_on() -> bool:
    """True if a mail server is configured; otherwise no page may promise an email."""
    return bool(current_app.config["MAIL_SERVER"])


@dataclass(frozen=True, slots=True)
class Trouble:
    """An email that failed or may not have arrived, without recipient and content."""

    id: UUID
    is_unsure: bool
    tries: int
    code: int | None
    hour: datetime


def waiting() -> int:
    """Number of emails still to be sent."""
    return _count(State.WAITING) + _count(State.SENDING)


def is_stuck() -> bool:
    """True if an email has been waiting for STUCK_AFTER: the mail server cannot be used."""
    since = now() - STUCK_AFTER
    late = OutgoingMail.state == State.WAITING, OutgoingMail.due_at <= since
    return is_on() and db.session.scalar(select(OutgoingMail.id).where(*late).limit(1)) is not None


def oldest_waiting() -> timedelta | None:
    """Time for which the longest overdue email has been waiting, to the hour; None if none is."""
    waits = select(func.min(OutgoingMail.due_at)).filter_by(state=State.WAITING)
    due_at = db.session.scalar(waits) if is_on() else None
    return max(timedelta(0), now() - due_at) if due_at else None


def were_tried(email_ids: Collection[UUID]) -> bool:
    """Whether these emails, of which none left, were all tried. One without a row was not: a
    restore or a press may have deleted it."""
    rows = select(OutgoingMail.state, OutgoingMail.tries).where(OutgoingMail.id.in_(email_ids))
    found = db.session.execute(rows).all() if email_ids else []
    first_tries = (State.WAITING, State.SENDING)
    waits = any(row.state in first_tries and not row.tries for row in found)
    return len(found) == len(email_ids) and not waits


def failed() -> int:
    """Number of emails that failed or may not have arrived."""
    return _count(State.GIVEN_UP) + _count(State.UNSURE)


def undelivered() -> frozenset[bytes]:
    """Digests of the links whose emails were given up lately."""
    given_up = select(OutgoingMail).filter_by(state=State.GIVEN_UP)
    return frozenset(bytes.fromhex(row.link) for row in db.session.scalars(given_up))


def trouble(most: int = 100) -> list[Trouble]:
    """Emails that failed or may not have arrived, latest first, up to `most`."""
    states = OutgoingMail.state.in_((State.UNSURE, State.GIVEN_UP))
    order = (OutgoingMail.due_at.desc(), OutgoingMail.id)
    rows = db.session.scalars(select(OutgoingMail).where(states).order_by(*order).limit(most))
    return [
        Trouble(row.id, row.state is State.UNSURE, row.tries, row.code, row.due_at) for row in rows
    ]


def _count(state: State) -> int:
    statement = select(func.count()).select_from(OutgoingMail).filter_by(state=state)
    return db.session.scalar(statement) or 0
