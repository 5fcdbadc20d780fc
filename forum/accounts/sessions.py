"""Sessions of signed-in browsers: a row each, and a token in the signed cookie.

Exact times of last use and expiry are stored in the cookie alone. The last day of a row follows
from the sealed hour of sign-in; the night after, the row is deleted. A clear day is far off, and
shared by all rows whose ids came in a month: an own day would show which ids were one session's.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from flask import current_app, g, session
from sqlalchemy import bindparam, delete, select

from forum.accounts import recoveries
from forum.accounts.models import Member, Session
from forum.accounts.owner_keys import NOBODY, SESSIONS, lock, member_digest
from forum.accounts.queries import OpenSession, SessionContent, SignedIn, account
from forum.core import resealing
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.tokens import digest, new_token
from forum.web.access import WHOSE, give_factor, give_password

MOST = 5  # open sessions of an account
PURGED = "sessions.purged"  # job
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

TOKEN = "token"  # noqa: S105  # cookie field: token of the session
BUSY = "busy"  # cookie field: last use, in whole seconds since 1970
ENDS = "ends"  # cookie field: absolute end, in whole seconds since 1970

_CURRENT = select(Session).where(  # built once, since every page runs it
    Session.token_digest == bindparam("token_digest"), Session.ends_on >= bindparam("today")
)


def begin(
    member_id: UUID, *, own_device: bool, factor: str = "", lacks_factor: bool = False
) -> bool:
    """Sign this browser in, inside a unit of work; a sixth session ends the oldest.

    factor: second factor just given. lacks_factor: nothing else opens before one is added.
    The cookie is cleared first, so values planted there have no effect. Returns own_device, False
    where the operator forbids it.
    """
    own_device = own_device and current_app.config["OWN_DEVICE_ALLOWED"]
    life = current_app.config["OWN_DEVICE_LIFE" if own_device else "SHARED_DEVICE_LIFE"]
    member = account(member_id)
    rows = SESSIONS.rows_to_change(member)  # the account's lock comes first, as for the worker
    rows = [row for row in rows if row.token_digest != _held()]
    db.session.execute(delete(Session).where(Session.token_digest == _held()))
    secret, kept = new_token()
    whose = replace(_signed_in(member), lacks_factor=lacks_factor)
    _end_oldest(rows)
    SESSIONS.write(
        member,
        rows,
        _age,
        whose=SessionContent(whose, own_device, this_hour(), factor).to_json(),
        token_digest=kept,
        ends_on=_far_day(),
    )
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF's cached token belongs to the old cookie
    session.permanent = own_device  # otherwise the cookie ends with the browser
    session[WHOSE] = member_digest(member_id)
    session[ENDS] = int((now() + life).timestamp())
    _hold(secret)
    if factor:
        give_factor()
    return own_device


def current() -> SignedIn | None:
    """Signed-in account of this request; None after the idle time or the absolute end.

    The session row holds all account fields that pages need, so one statement suffices. A
    suspension deletes the row.
    """
    if TOKEN not in session or now() >= _moment(session.get(ENDS, 0)):
        return None
    known = {"token_digest": _held(), "today": now().date()}
    mine = db.session.scalar(_CURRENT, known)
    if mine is None:
        return None
    content = SessionContent.from_json(mine.whose)
    if content.is_over:
        return None
    idle = current_app.config["OWN_DEVICE_IDLE" if content.own_device else "SHARED_DEVICE_IDLE"]
    quiet = now() - _moment(session.get(BUSY, 0))
    if quiet > idle:
        return None
    if quiet >= MINUTE:
        session[BUSY] = int(now().timestamp())
    return content.account


def update_account(member_id: UUID) -> None:
    """Copy a member's changed fields to all their sessions, inside the same unit of work."""
    member = account(member_id)
    for row in SESSIONS.rows_to_change(member):
        content = SessionContent.from_json(row.whose)
        lacks = content.account.lacks_factor
        row.whose = replace(
            content, account=replace(_signed_in(member), lacks_factor=lacks)
        ).to_json()


def renew(*, by_factor: bool = False) -> None:
    """Replace this session's token, inside a unit of work, after the password was given again.

    Its row gets another id: under the same one, copies would show on which days a browser's member
    looked at hidden posts. by_factor: a second factor was given instead; its moment stands in the
    cookie alone.
    """
    secret, kept = new_token()
    member, rows, row = _mine_to_change()
    if row is not None and member is not None:
        SESSIONS.move(member, rows, row)
        row.token_digest, row.ends_on = kept, _far_day()
        db.session.flush()
    _hold(secret)
    if by_factor:
        give_factor()


def factor_changed(factor: str, *, lacks_factor: bool) -> None:
    """Write down what this session was last opened with, inside a unit of work, and renew it.

    Raises NotFound for a session that ended meanwhile, so that nothing of the unit of work stays.
    """
    require_alive()
    _member, _rows, row = _mine_to_change()
    if row is not None:
        content = SessionContent.from_json(row.whose)
        changed = replace(content.account, lacks_factor=lacks_factor)
        row.whose = replace(content, account=changed, factor=factor).to_json()
        db.session.flush()
    renew(by_factor=bool(factor))


def require_alive() -> None:
    """Raise NotFound unless this browser's session goes on: see is_alive."""
    if not is_alive():
        raise NotFound


def is_alive() -> bool:
    """True if this browser's session still exists; call inside the unit of work that relies on
    it, once the account is locked.
    """
    row = db.session.scalar(select(Session).where(Session.token_digest == _held()))
    return row is not None and not SessionContent.from_json(row.whose).is_over


def end() -> None:
    """Sign this browser out, inside a unit of work, and clear its cookie."""
    row = db.session.scalar(select(Session).where(Session.token_digest == _held()))
    with left_out():  # damaged: nobody moves it
        if row:
            lock(db.session.get(Member, SessionContent.from_json(row.whose).account.id))
    db.session.execute(delete(Session).where(Session.token_digest == _held()))
    session.clear()


def end_one(member_id: UUID, session_id: UUID) -> bool:
    """End one session of a member; False if none has this id, which changes once a week."""
    rows = SESSIONS.rows_to_change(account(member_id))
    return _mark_as_ended([row for row in rows if row.id == session_id])


def end_others(member_id: UUID) -> None:
    """End all sessions of a member except this browser's."""
    rows = SESSIONS.rows_to_change(account(member_id))
    _mark_as_ended([row for row in rows if row.token_digest != _held()])


def end_all(member_id: UUID) -> None:
    """End all sessions of a member."""
    _mark_as_ended(SESSIONS.rows_to_change(account(member_id)))


def leave_behind(member: Member) -> None:
    """End all sessions of a deleted account, and erase the account's id in their rows."""
    nobody = SignedIn(NOBODY, "UTC", is_programme_lead=False)
    _mark_as_ended(SESSIONS.rows_to_change(member), nobody)


def _mark_as_ended(rows: Sequence[Session], account: SignedIn | None = None) -> bool:
    """Mark sessions as ended; True if any was open. Damaged rows are deleted. account: new content.

    The rows stay to their own last day. Sessions deleted together, as their owner leaves or changes
    the password, would show a thief of two copies on which nights this account signed in.
    """
    was_open = False
    for row in rows:
        content = None
        with left_out():
            content = SessionContent.from_json(row.whose)
        if content is None:
            db.session.delete(row)
            continue
        if content.is_past:
            continue  # the night's work may be deleting it
        was_open |= not content.ended
        row.whose = replace(content, account=account or content.account, ended=True).to_json()
    db.session.flush()
    return was_open


def end_everyones() -> bool:
    """End all sessions of all accounts; returns False if there were none."""
    gone = db.session.execute(delete(Session))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # the stubs know no CursorResult here


def purge() -> None:
    """Delete sessions whose last day is over, and seal living sessions anew."""
    resealing.seal_all_anew(Session, PURGED, _delete_or_seal_anew)


def _delete_or_seal_anew(row: Session) -> None:
    with left_out():
        if SessionContent.from_json(row.whose).is_past:
            db.session.delete(row)
            return
    resealing.seal_anew(row)


def is_this(row: OpenSession) -> bool:
    """True for the session of the current request."""
    return row.token_digest == _held()


def _signed_in(member: Member) -> SignedIn:
    recovery = recoveries.of(member)
    return SignedIn(
        member.id,
        member.timezone,
        member.is_programme_lead,
        member.goes_on,
        is_vouched_for=recovery.can_be_stopped and not recovery.address,
        address_changes=bool(recovery.address),
        hidden_opens=recovery.hidden_opens,
    )


def _mine_to_change() -> tuple[Member | None, list[Session], Session | None]:
    """Account and rows of this browser's session, and that row, read again under the account's
    lock: the worker may have moved it meanwhile."""
    held = _held()
    row = db.session.scalar(select(Session).where(Session.token_digest == held))
    if row is None:
        return None, [], None
    member = db.session.get(Member, SessionContent.from_json(row.whose).account.id)
    if member is None:
        return None, [], None  # deleted meanwhile
    db.session.expire(row)
    rows = SESSIONS.rows_to_change(member)
    return member, rows, next((each for each in rows if each.token_digest == held), None)


def _end_oldest(rows: Sequence[Session]) -> None:
    """Leave room for one of MOST open sessions: the oldest are marked as ended.

    Their rows stay to their own last day: one that went as another came would show in two copies of
    the database that both are of one account.
    """
    alive = []
    for row in rows:
        with left_out():
            content = SessionContent.from_json(row.whose)
            alive += [] if content.is_over else [(content.began_at, row.id, row, content)]
    for _began, _id, row, content in sorted(alive)[: max(0, len(alive) - MOST + 1)]:
        row.whose = replace(content, ended=True).to_json()


def _age(row: Session) -> tuple[bool, datetime]:
    """Sort key for sessions: outdated rows first, then by beginning."""
    content = SessionContent.from_json(row.whose)
    return not content.is_over, content.began_at


def _far_day() -> date:
    """Last day of the month after next (UTC): beyond the life of any session."""
    months = now().year * 12 + now().month - 1 + 3
    return date(months // 12, months % 12 + 1, 1) - DAY


def _hold(secret: str) -> None:
    session[TOKEN] = secret
    session[BUSY] = int(now().timestamp())
    give_password()


def _held() -> bytes:
    return digest(session.get(TOKEN, ""))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
