"""Signed-in browsers: a row for each, and its token in the one signed cookie.

The cookie also holds when its browser was last busy and when the session ends, so that the database
tells no moment: a row says a day, and is deleted when that day is over.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from flask import current_app, g, session
from sqlalchemy import bindparam, delete, select, update

from forum.accounts.models import Member, Session
from forum.accounts.owner_keys import SESSIONS, member_digest
from forum.accounts.queries import OpenSession, SessionContent, SignedIn, account
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.tokens import digest, new_token
from forum.web.access import WHOSE, give_password

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

TOKEN = "token"  # noqa: S105  # of the signed-in browser, in the cookie
BUSY = "busy"  # when it was last busy, in whole seconds since 1970
ENDS = "ends"  # when it ends however busy it is, in whole seconds since 1970

_CURRENT = select(Session).where(  # built once, since every page asks
    Session.token_digest == bindparam("token_digest"), Session.ends_on >= bindparam("today")
)


def begin(member_id: UUID, *, own_device: bool) -> None:
    """Sign this browser in, inside a unit of work; of six sessions the oldest ends.

    Nothing that the cookie held before is kept: what was planted there is worth nothing.
    """
    own_device = own_device and current_app.config["OWN_DEVICE_ALLOWED"]
    life = current_app.config["OWN_DEVICE_LIFE" if own_device else "SHARED_DEVICE_LIFE"]
    db.session.execute(delete(Session).where(Session.token_digest == _held()))
    member = account(member_id)
    secret, kept = new_token()
    SESSIONS.write(
        member,
        SESSIONS.rows_to_change(member),
        _age,
        whose=SessionContent(_signed_in(member), own_device, this_hour()).to_json(),
        token_digest=kept,
        ends_on=_last_day(life),
    )
    session.clear()
    g.pop(
        "csrf_token", None
    )  # Flask-WTF's, of the old cookie: this answer's forms want the new one
    session.permanent = own_device  # else the cookie goes with the browser
    session[WHOSE] = member_digest(member_id)
    session[ENDS] = int((now() + life).timestamp())
    _hold(secret)


def current() -> SignedIn | None:
    """Who is signed in here; nobody after the idle time or the absolute end.

    The row holds all that pages need of an account, so that one statement reads it. A suspension
    deletes the row.
    """
    if TOKEN not in session or now() >= _moment(session.get(ENDS, 0)):
        return None
    known = {"token_digest": _held(), "today": now().date()}
    mine = db.session.scalar(_CURRENT, known)
    if mine is None:
        return None
    content = SessionContent.from_json(mine.whose)
    idle = current_app.config["OWN_DEVICE_IDLE" if content.own_device else "SHARED_DEVICE_IDLE"]
    quiet = now() - _moment(session.get(BUSY, 0))
    if quiet > idle:
        return None
    if quiet >= MINUTE:
        session[BUSY] = int(now().timestamp())
    return content.account


def tell(member_id: UUID) -> None:
    """Have every session of a member know what is new of them, inside the work that changed it."""
    member = account(member_id)
    for row in SESSIONS.rows(member):
        content = SessionContent.from_json(row.whose)
        row.whose = replace(content, account=_signed_in(member)).to_json()


def renew() -> None:
    """Give this session a new token, inside a unit of work: its password was just given again."""
    secret, kept = new_token()
    mine = update(Session).where(Session.token_digest == _held())
    db.session.execute(mine.values(token_digest=kept))
    _hold(secret)


def is_alive() -> bool:
    """Whether this browser's session is there still; asked inside the work that relies on it."""
    mine = select(Session.id).where(Session.token_digest == _held())
    return db.session.scalar(mine) is not None


def end() -> None:
    """Sign this browser out, inside a unit of work, and empty its cookie."""
    db.session.execute(delete(Session).where(Session.token_digest == _held()))
    session.clear()


def end_one(member_id: UUID, session_id: UUID) -> None:
    """End one session of a member, wherever its browser stands."""
    db.session.execute(SESSIONS.delete(account(member_id)).where(Session.id == session_id))


def end_others(member_id: UUID) -> None:
    """End all sessions of a member but this browser's."""
    theirs = SESSIONS.delete(account(member_id))
    db.session.execute(theirs.where(Session.token_digest != _held()))


def end_all(member_id: UUID) -> None:
    """End all sessions of a member."""
    db.session.execute(SESSIONS.delete(account(member_id)))


def is_this(row: OpenSession) -> bool:
    """Whether a session is the one in which the question is asked."""
    return row.token_digest == _held()


def _signed_in(member: Member) -> SignedIn:
    return SignedIn(member.id, member.timezone, member.is_programme_lead, member.goes_on)


def _age(row: Session) -> tuple[bool, datetime]:
    """Sorts sessions: rows whose day is over, then by their beginning."""
    return row.ends_on >= now().date(), SessionContent.from_json(row.whose).began_at


def _last_day(life: timedelta) -> date:
    """The UTC day with which a session's row ends, counted from its day and not from its hour."""
    return now().date() + -(-life // DAY) * DAY


def _hold(secret: str) -> None:
    session[TOKEN] = secret
    session[BUSY] = int(now().timestamp())
    give_password()


def _held() -> bytes:
    return digest(session.get(TOKEN, ""))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
