"""Signed-in browsers: a row for each, and its token in the one signed cookie.

The cookie also keeps when its browser was last busy, so that the database need not know.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import current_app, g, session
from sqlalchemy import bindparam, delete, select, update

from forum.accounts.models import Member, Session
from forum.accounts.owners import FIRST, owner
from forum.accounts.queries import SignedIn
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.tokens import digest, new_token
from forum.web.access import WHOSE, give_password

AT_ONCE = 5  # sessions of one account
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

TOKEN = "token"  # noqa: S105  # of the signed-in browser, in the cookie
BUSY = "busy"  # when it was last busy, in whole seconds since 1970

_CURRENT = select(Session).where(  # built once, since every page asks
    Session.token_digest == bindparam("token_digest"), Session.ends_at > bindparam("now")
)


def begin(member_id: UUID, *, own_device: bool) -> None:
    """Sign this browser in, inside a unit of work; of six sessions the oldest ends.

    Nothing that the cookie held before is kept: what was planted there is worth nothing.
    """
    own_device = own_device and current_app.config["OWN_DEVICE_ALLOWED"]
    life = current_app.config["OWN_DEVICE_LIFE" if own_device else "SHARED_DEVICE_LIFE"]
    _make_room(member_id)
    secret, kept = new_token()
    row = Session(
        owner=owner(member_id),
        whose=_whose(member_id),
        token_digest=kept,
        own_device=own_device,
        began_at=this_hour(),
        ends_at=_rounded_up(now() + life),
    )
    db.session.add(row)
    session.clear()
    g.pop(
        "csrf_token", None
    )  # Flask-WTF's, of the old cookie: this answer's forms want the new one
    session.permanent = own_device  # else the cookie goes with the browser
    session[WHOSE] = owner(member_id, FIRST).hex()  # what was typed may wait over a change of keys
    _hold(secret)


def current() -> SignedIn | None:
    """Who is signed in here; nobody after the idle time or the absolute end.

    What pages need to know of them stands in the session's row, so that one statement tells it. A
    suspension deletes the row.
    """
    if TOKEN not in session:
        return None
    mine = db.session.scalar(_CURRENT, {"token_digest": _held(), "now": now()})
    if mine is None:
        return None
    idle = current_app.config["OWN_DEVICE_IDLE" if mine.own_device else "SHARED_DEVICE_IDLE"]
    quiet = now() - _moment(session.get(BUSY, 0))
    if quiet > idle:
        return None
    if quiet >= MINUTE:
        session[BUSY] = int(now().timestamp())
    return SignedIn.from_json(mine.whose)


def tell(member_id: UUID) -> None:
    """Have every session of a member know what is new of them, inside the work that changed it."""
    for row in db.session.scalars(select(Session).where(Session.owner == owner(member_id))):
        row.whose = _whose(member_id)


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
    theirs = delete(Session).where(Session.id == session_id, Session.owner == owner(member_id))
    db.session.execute(theirs)


def end_others(member_id: UUID) -> None:
    """End all sessions of a member but this browser's."""
    others = Session.owner == owner(member_id), Session.token_digest != _held()
    db.session.execute(delete(Session).where(*others))


def end_all(member_id: UUID) -> None:
    """End all sessions of a member."""
    db.session.execute(delete(Session).where(Session.owner == owner(member_id)))


def is_this(row: Session) -> bool:
    """Whether a session is the one in which the question is asked."""
    return row.token_digest == _held()


def _whose(member_id: UUID) -> str:
    member = db.session.get_one(Member, member_id)
    return SignedIn(member.id, member.timezone, member.is_programme_lead).to_json()


def _make_room(member_id: UUID) -> None:
    ended = (Session.ends_at <= now()) | (Session.token_digest == _held())
    db.session.execute(delete(Session).where(ended))
    theirs = select(Session.id).where(Session.owner == owner(member_id))
    newest_first = theirs.order_by(Session.began_at.desc(), Session.ends_at.desc(), Session.id)
    too_many = db.session.scalars(newest_first.offset(AT_ONCE - 1)).all()
    db.session.execute(delete(Session).where(Session.id.in_(too_many)))


def _hold(secret: str) -> None:
    session[TOKEN] = secret
    session[BUSY] = int(now().timestamp())
    give_password()


def _held() -> bytes:
    return digest(session.get(TOKEN, ""))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _rounded_up(moment: datetime) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + HOUR
