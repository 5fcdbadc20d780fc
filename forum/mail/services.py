"""Keeping letters and sending them."""

from datetime import timedelta
from smtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select, update

from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.core.events import record
from forum.mail import postbox
from forum.mail.events import LetterQueued
from forum.mail.models import OutgoingMail
from forum.mail.queries import is_on

TRIES_MAX = 6  # with waits of 1, 2, 4, 8 and 16 hours between them
AT_ONCE = 50  # letters of one round; the next round is a minute away
REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, SMTPNotSupportedError, ValueError)


def queue(address: str, subject: str, text: str) -> None:
    """Keep a letter, sealed, until the worker sends it. Where mail is off, nothing is kept.

    The worker is called as soon as the letter is committed, and finds it within a minute if not.
    """
    if is_on():
        letter = OutgoingMail(due_at=this_hour())
        letter.address, letter.subject, letter.text = address, subject, text
        db.session.add(letter)
        record(LetterQueued())


def send_due() -> int:
    """Send what is due, and forget it; gives how many letters left.

    A letter refused for now is tried again later, at most TRIES_MAX times; one refused for good
    is given up. While the server is out of reach, letters wait and lose no try.
    """
    found = _due() if is_on() else []
    if not found:
        return 0
    sent = 0
    try:
        with postbox.opened() as server:
            for letter_id, tries in found:
                sent += _send(server, letter_id, tries)
    except (SMTPException, OSError) as error:
        current_app.logger.error("mail: the server was lost with %s", type(error).__name__)
    return sent


def _due() -> list[tuple[UUID, int]]:
    waiting = (OutgoingMail.due_at <= now(), ~OutgoingMail.given_up)
    asked = select(OutgoingMail.id, OutgoingMail.tries).where(*waiting)
    order = (OutgoingMail.due_at, OutgoingMail.id)
    return [
        (row.id, row.tries) for row in db.session.execute(asked.order_by(*order).limit(AT_ONCE))
    ]


def _send(server: SMTP, letter_id: UUID, tries: int) -> bool:
    if not _claimed(letter_id, tries):
        return False
    letter = db.session.get_one(OutgoingMail, letter_id)
    try:
        server.send_message(postbox.letter(letter.address, letter.subject, letter.text))
    except REFUSALS as error:
        current_app.logger.error("mail: a letter was refused with %s", type(error).__name__)
        if tries + 1 >= TRIES_MAX or _for_good(error):
            _give_up(letter_id)
        return False
    with unit_of_work():
        db.session.execute(delete(OutgoingMail).filter_by(id=letter_id))
    return True


def _claimed(letter_id: UUID, tries: int) -> bool:
    """Whether this round may try the letter: of two workers, one. The wait for the next is set."""
    later = this_hour() + timedelta(hours=2**tries)
    mine = update(OutgoingMail).filter_by(id=letter_id, tries=tries, given_up=False)
    with unit_of_work():
        claimed = db.session.execute(mine.values(tries=tries + 1, due_at=later))
    return bool(claimed.rowcount == 1)  # type: ignore[attr-defined]  # as in accounts.links


def _for_good(error: Exception) -> bool:
    """Whether asking again cannot help: RFC 5321 section 4.2.1 calls 5yz permanent."""
    match error:
        case SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case SMTPResponseException():
            return error.smtp_code >= 500
    return True


def _give_up(letter_id: UUID) -> None:
    """Keep the row, so that failures can be counted, and nothing of what it said."""
    with unit_of_work():
        letter = db.session.get_one(OutgoingMail, letter_id)
        letter.address = letter.subject = letter.text = ""
        letter.given_up = True
