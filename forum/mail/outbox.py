"""Queue of outgoing emails: each is sent once, or flagged as unsure, and none is lost.

A worker claims an email before handing it to the mail server, and deletes the row once the server
has accepted. A crash or broken connection in between leaves delivery unknown: such an email is not
resent automatically, but shown to the programme lead, who may resend it.
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
from sqlalchemy import and_, delete, select, update

from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.core.errors import SealBroken
from forum.core.events import record
from forum.core.tokens import digest
from forum.mail import smtp
from forum.mail.events import EmailLeft, EmailQueued
from forum.mail.models import OutgoingMail, State
from forum.mail.queries import is_on

# Waits between tries: servers that refuse a stranger at first take it minutes later (RFC 6647).
WAITS = (
    *(timedelta(minutes=each) for each in (5, 15, 30)),
    *(timedelta(hours=each) for each in (1, 2, 4, 8, 16)),
)
TRIES_MAX = len(WAITS) + 1
EMAILS_PER_CONNECTION = 50
RUN_MAX = 50.0  # seconds of one run; the next is a minute away
LOST_AFTER = timedelta(minutes=10)  # in state SENDING, after which the worker counts as lost
PERMANENT = 500  # reply codes from here on, RFC 5321 section 4.2.1
UNSURE_FOR = timedelta(days=7)  # during which an unsure email can be resent
REFUSALS = (
    *(SMTPResponseException, SMTPRecipientsRefused, SMTPNotSupportedError, ValueError),
    SealBroken,  # a damaged row
)

FAILURES = (SMTPException, OSError, ValueError)

Wanted = Callable[[UUID], datetime | None]
Opens = Callable[[bytes], bool]


def queue(
    address: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    unsubscribe: str = "",
    log_mark: str = "",
    whose: UUID | None = None,
    link: str = "",
) -> UUID | None:
    """Store a sealed email until the worker sends it; returns its id, or None while mail is off.

    unsubscribe: URL that ends emails of this kind. log_mark: head of the service's log, so that
    many mailboxes hold a copy. whose: member to ask again before sending. link: URL in the text, or
    its secret, without which the email is pointless. The worker is notified on commit, and finds
    the email within a minute otherwise.
    """
    if not is_on():
        return None
    email = OutgoingMail(due_at=this_hour())
    email.address, email.subject, email.text = address, subject, text
    email.html, email.unsubscribe, email.log_mark = html, unsubscribe, log_mark
    email.whose = str(whose) if whose else ""
    email.link = digest(link.rpartition("/")[2]).hex() if link else ""
    db.session.add(email)
    record(EmailQueued())
    return email.id


def send_now(address: str, subject: str, text: str) -> None:
    """Hand an email to the server at once, without a row and without retries. Raises FAILURES."""
    email = OutgoingMail(due_at=this_hour())
    email.address, email.subject, email.text = address, subject, text
    email.html = email.unsubscribe = email.log_mark = email.whose = email.link = ""
    with smtp.opened() as server:
        smtp.deliver(server, email)


def withdraw(email_id: UUID) -> bool:
    """Delete an email still waiting; returns True if there was one."""
    waiting = delete(OutgoingMail).filter_by(id=email_id, state=State.WAITING)
    gone = db.session.execute(waiting)
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as in accounts.links


def send_due(wanted: Wanted = lambda _: now(), opens: Opens = lambda _: True) -> int:
    """Send due emails and delete them; returns the number sent.

    wanted: time (UTC) from which a member wants their email, or None to drop it. opens: False for
    the digest of a link that was used, replaced, cancelled or is about to expire: its email is
    dropped.
    Temporary refusals are retried, TRIES_MAX times at most; permanent ones are given up. While the
    server is unreachable, emails wait without using up a try.
    """
    if not is_on():
        return 0
    _flag_lost()
    sent, stop = 0, monotonic() + RUN_MAX
    while (found := _due()) and monotonic() < stop:
        try:
            with smtp.opened() as server:
                for email_id, tries in found:
                    sent += _send(server, email_id, tries, wanted, opens)
        except (SMTPException, OSError) as error:
            current_app.logger.error("mail: the server was lost with %s", type(error).__name__)
            return sent
    return sent


def send_again(email_id: UUID) -> None:
    """Resend an email whose delivery is unknown."""
    unsure = update(OutgoingMail).filter_by(id=email_id, state=State.UNSURE)
    db.session.execute(unsure.values(state=State.WAITING, due_at=this_hour()))
    record(EmailQueued())


def forget(email_id: UUID) -> None:
    """Delete an undeliverable email."""
    trouble = OutgoingMail.state.in_((State.UNSURE, State.GIVEN_UP))
    db.session.execute(delete(OutgoingMail).where(OutgoingMail.id == email_id, trouble))


def purge() -> int:
    """Delete undelivered emails that nobody dealt with in time; returns their number."""
    old = OutgoingMail.due_at < now() - UNSURE_FOR
    trouble = OutgoingMail.state.in_((State.UNSURE, State.GIVEN_UP))
    gone = db.session.execute(delete(OutgoingMail).where(trouble, old))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # as in accounts.links


def _due() -> list[tuple[UUID, int]]:
    waiting = (OutgoingMail.due_at <= now(), OutgoingMail.state == State.WAITING)
    statement = select(OutgoingMail.id, OutgoingMail.tries).where(*waiting)
    order = (OutgoingMail.due_at, OutgoingMail.id)
    return [
        (row.id, row.tries)
        for row in db.session.execute(statement.order_by(*order).limit(EMAILS_PER_CONNECTION))
    ]


def _send(server: SMTP, email_id: UUID, tries: int, wanted: Wanted, opens: Opens) -> bool:
    email = db.session.get(OutgoingMail, email_id)
    if email is None or not (_is_wanted_now(email, wanted, opens) and _claim(email_id, tries)):
        return False
    try:
        smtp.deliver(server, email)
    except smtp.Unsure:
        _put_back(email_id, State.UNSURE, tries + 1)
        raise
    except REFUSALS as error:
        current_app.logger.error("mail: an email was refused with %s", type(error).__name__)
        _retry_or_give_up(email_id, tries + 1, reply_code(error))
        return False
    except (SMTPException, OSError):  # not handed over: uses up no try
        _put_back(email_id, State.WAITING, tries)
        raise
    with unit_of_work():
        db.session.execute(delete(OutgoingMail).filter_by(id=email_id))
        record(EmailLeft(email_id))
    return True


def _is_wanted_now(email: OutgoingMail, wanted: Wanted, opens: Opens) -> bool:
    """True if an email may leave now. Unwanted emails are deleted, later ones postponed."""
    try:
        leaves_at = wanted(UUID(email.whose)) if email.whose else now()
        if email.link and not opens(bytes.fromhex(email.link)):
            leaves_at = None
    except (SealBroken, ValueError, TypeError, LookupError) as error:  # of this member alone
        current_app.logger.error("mail: an email cannot be asked for: %s", type(error).__name__)
        leaves_at = now() + timedelta(hours=1)
    if leaves_at is None:
        _delete(email.id)
    elif leaves_at > now():
        _put_back(email.id, State.WAITING, email.tries, leaves_at)
    return leaves_at is not None and leaves_at <= now()


def _claim(email_id: UUID, tries: int) -> bool:
    """Claim an email for this run; True for one of two competing workers."""
    mine = update(OutgoingMail).filter_by(id=email_id, tries=tries, state=State.WAITING)
    with unit_of_work():
        taken = db.session.execute(mine.values(state=State.SENDING, taken_at=now()))
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]  # as in accounts.links


def _delete(email_id: UUID) -> None:
    with unit_of_work():
        db.session.execute(delete(OutgoingMail).filter_by(id=email_id))


def _put_back(email_id: UUID, state: State, tries: int, due_at: datetime | None = None) -> None:
    known = {"state": state, "tries": tries, "taken_at": None, "due_at": due_at or this_hour()}
    with unit_of_work():
        db.session.execute(update(OutgoingMail).filter_by(id=email_id).values(known))


def _retry_or_give_up(email_id: UUID, tries: int, code: int | None) -> None:
    """Schedule a retry; or give up, keeping the row for statistics without its content."""
    with unit_of_work():
        email = db.session.get_one(OutgoingMail, email_id)
        email.tries, email.code, email.taken_at = tries, code, None
        email.state = State.WAITING
        if tries < TRIES_MAX:
            email.due_at = (now() + WAITS[tries - 1]).replace(second=0, microsecond=0)
        if code is None or code >= PERMANENT or tries >= TRIES_MAX:
            email.state, email.due_at = State.GIVEN_UP, this_hour()
            email.address = email.subject = email.text = email.html = ""
            email.unsubscribe = email.log_mark = email.whose = ""  # queries need the link


def _flag_lost() -> None:
    """Flag emails claimed by a lost worker as unsure: each may have been delivered.

    One claimed far ahead was claimed under a clock that ran ahead.
    """
    lately = OutgoingMail.taken_at > now() - LOST_AFTER, OutgoingMail.taken_at < now() + LOST_AFTER
    lost = update(OutgoingMail).where(OutgoingMail.state == State.SENDING, ~and_(*lately))
    with unit_of_work():
        db.session.execute(lost.values(state=State.UNSURE, taken_at=None))


def reply_code(error: Exception) -> int | None:
    """SMTP reply code; None if the error arose before any reply."""
    match error:
        case SMTPRecipientsRefused():
            return min(code for code, _ in error.recipients.values())
        case SMTPResponseException():
            return error.smtp_code
    return None
