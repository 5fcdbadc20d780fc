"""Keeping letters and sending them: each once, or at worst flagged as unsure, and none lost.

A letter is taken by one worker before it is handed to the mail server, and deleted once the server
has taken it. What is lost between those two, by a crash or a broken line, may have arrived: it is
not sent a second time by itself, but shown to the programme lead, who may.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from time import monotonic
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select, update

from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.core.events import record
from forum.mail import smtp
from forum.mail.events import LetterQueued
from forum.mail.models import OutgoingMail, State
from forum.mail.queries import is_on

TRIES_MAX = 6  # with waits of 1, 2, 4, 8 and 16 hours between them
AT_ONCE = 50  # letters of one conversation
PATIENCE = 50.0  # seconds of one round; the next is a minute away
LOST_AFTER = timedelta(minutes=10)  # a letter is taken no longer: the worker that took it is gone
PERMANENT = 500  # and above, says RFC 5321 section 4.2.1
UNSURE_FOR = timedelta(days=7)  # for which a letter that may have arrived can be sent again
REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, SMTPNotSupportedError, ValueError)

Wanted = Callable[[UUID], datetime | None]


def queue(
    address: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    unsubscribe: str = "",
    log_mark: str = "",
    whose: UUID | None = None,
) -> UUID | None:
    """Keep a letter, sealed, until the worker sends it; gives its id. Where mail is off, nothing is
    kept, and None given.

    unsubscribe: the address that ends letters of this kind. log_mark: where the service's log
    ends, to be found in many mailboxes. whose: a member who must still want it when it leaves. The
    worker is called as soon as the letter is committed, and finds it within a minute if not.
    """
    if not is_on():
        return None
    letter = OutgoingMail(due_at=this_hour())
    letter.address, letter.subject, letter.text = address, subject, text
    letter.html, letter.unsubscribe, letter.log_mark = html, unsubscribe, log_mark
    letter.whose = str(whose) if whose else ""
    db.session.add(letter)
    record(LetterQueued())
    return letter.id


def withdraw(letter_id: UUID) -> bool:
    """Take a letter back that has not left; gives whether there was one."""
    waiting = delete(OutgoingMail).filter_by(id=letter_id, state=State.WAITING)
    gone = db.session.execute(waiting)
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as in accounts.links


def send_due(wanted: Wanted = lambda _: now()) -> int:
    """Send what is due, and forget it; gives how many letters left.

    wanted: from when on a member wants what is about to leave for them, UTC; None: no longer.
    A letter refused for now is tried again later, at most TRIES_MAX times; one refused for good
    is given up. While the server is out of reach, letters wait and lose no try.
    """
    if not is_on():
        return 0
    _flag_lost()
    sent, stop = 0, monotonic() + PATIENCE
    while (found := _due()) and monotonic() < stop:
        try:
            with smtp.opened() as server:
                for letter_id, tries in found:
                    sent += _send(server, letter_id, tries, wanted)
        except (SMTPException, OSError) as error:
            current_app.logger.error("mail: the server was lost with %s", type(error).__name__)
            return sent
    return sent


def send_again(letter_id: UUID) -> None:
    """Send a letter once more of which nobody knows whether it arrived."""
    unsure = update(OutgoingMail).filter_by(id=letter_id, state=State.UNSURE)
    db.session.execute(unsure.values(state=State.WAITING, due_at=this_hour()))
    record(LetterQueued())


def forget(letter_id: UUID) -> None:
    """Forget a letter that could not be sent."""
    trouble = OutgoingMail.state.in_((State.UNSURE, State.GIVEN_UP))
    db.session.execute(delete(OutgoingMail).where(OutgoingMail.id == letter_id, trouble))


def purge() -> int:
    """Forget trouble that nobody saw to in time."""
    old = OutgoingMail.due_at < now() - UNSURE_FOR
    trouble = OutgoingMail.state.in_((State.UNSURE, State.GIVEN_UP))
    gone = db.session.execute(delete(OutgoingMail).where(trouble, old))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # as in accounts.links


def _due() -> list[tuple[UUID, int]]:
    waiting = (OutgoingMail.due_at <= now(), OutgoingMail.state == State.WAITING)
    asked = select(OutgoingMail.id, OutgoingMail.tries).where(*waiting)
    order = (OutgoingMail.due_at, OutgoingMail.id)
    return [
        (row.id, row.tries) for row in db.session.execute(asked.order_by(*order).limit(AT_ONCE))
    ]


def _send(server: SMTP, letter_id: UUID, tries: int, wanted: Wanted) -> bool:
    letter = db.session.get(OutgoingMail, letter_id)
    if letter is None or not (_is_wanted_now(letter, wanted) and _taken(letter_id, tries)):
        return False
    try:
        smtp.deliver(server, letter)
    except smtp.Unsure:
        _put_back(letter_id, State.UNSURE, tries + 1)
        raise
    except REFUSALS as error:
        current_app.logger.error("mail: a letter was refused with %s", type(error).__name__)
        _refused(letter_id, tries + 1, _code(error))
        return False
    except (SMTPException, OSError):  # it was not handed over, and loses no try
        _put_back(letter_id, State.WAITING, tries)
        raise
    _done(letter_id)
    return True


def _is_wanted_now(letter: OutgoingMail, wanted: Wanted) -> bool:
    """Whether a letter may leave. One that nobody wants any more goes; one for later waits."""
    leaves_at = wanted(UUID(letter.whose)) if letter.whose else now()
    if leaves_at is None:
        _done(letter.id)
    elif leaves_at > now():
        _put_back(letter.id, State.WAITING, letter.tries, leaves_at)
    return leaves_at is not None and leaves_at <= now()


def _taken(letter_id: UUID, tries: int) -> bool:
    """Whether this round may send the letter: of two workers, one."""
    mine = update(OutgoingMail).filter_by(id=letter_id, tries=tries, state=State.WAITING)
    with unit_of_work():
        taken = db.session.execute(mine.values(state=State.SENDING, taken_at=now()))
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]  # as in accounts.links


def _done(letter_id: UUID) -> None:
    with unit_of_work():
        db.session.execute(delete(OutgoingMail).filter_by(id=letter_id))


def _put_back(letter_id: UUID, state: State, tries: int, due_at: datetime | None = None) -> None:
    known = {"state": state, "tries": tries, "taken_at": None, "due_at": due_at or this_hour()}
    with unit_of_work():
        db.session.execute(update(OutgoingMail).filter_by(id=letter_id).values(known))


def _refused(letter_id: UUID, tries: int, code: int | None) -> None:
    """Try again later; or keep the row alone, for failures to be seen, and none of its words."""
    with unit_of_work():
        letter = db.session.get_one(OutgoingMail, letter_id)
        letter.tries, letter.code, letter.taken_at = tries, code, None
        letter.due_at = this_hour() + timedelta(hours=2 ** (tries - 1))
        letter.state = State.WAITING
        if code is None or code >= PERMANENT or tries >= TRIES_MAX:
            letter.state, letter.due_at = State.GIVEN_UP, this_hour()
            letter.address = letter.subject = letter.text = letter.html = ""
            letter.unsubscribe = letter.log_mark = letter.whose = ""


def _flag_lost() -> None:
    """Flag what a worker had taken that is gone since: it may have arrived."""
    lost = update(OutgoingMail).where(
        OutgoingMail.state == State.SENDING, OutgoingMail.taken_at <= now() - LOST_AFTER
    )
    with unit_of_work():
        db.session.execute(lost.values(state=State.UNSURE, taken_at=None))


def _code(error: Exception) -> int | None:
    """What the server said, as a number; None where it was never asked, since it cannot be."""
    match error:
        case SMTPRecipientsRefused():
            return min(code for code, _ in error.recipients.values())
        case SMTPResponseException():
            return error.smtp_code
    return None
