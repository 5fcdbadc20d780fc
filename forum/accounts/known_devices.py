"""Browsers in which a member has signed in before, exempt from waits caused by strangers.

One random cookie serves all users of a browser. Each user's row holds a keyed digest of its own, so
the database does not reveal who shares a computer. The cookie also names the kind of device chosen
last, `<secret>.own` or `<secret>.shared`, which sign-in offers again.
"""

import hmac
import re
from calendar import monthrange
from datetime import date, timedelta
from uuid import UUID

from flask import Response, after_this_request, current_app, request
from sqlalchemy import select

from forum.accounts.models import KnownDevice, Member
from forum.accounts.owner_keys import DEVICES
from forum.accounts.queries import account
from forum.core.clock import now
from forum.core.db import db
from forum.core.keys import Label, key_ring
from forum.core.tokens import new_token

LIFE = timedelta(days=60)  # and to the end of that month: an own day would name a row in all copies
RENEWED = timedelta(days=45)  # before its end: written at every signing in, a row in the copies of
# many nights would be a diary of a browser
MOST = 20  # of an account, once a week: see jobs.move_rows
OWN, SHARED = "own", "shared"
SECRET = re.compile(r"([\w-]{43})(?:\.(own|shared))?", re.ASCII)


def known(member_id: UUID | None) -> bytes | None:
    """Digest of this browser and member, if the member has signed in here before; else None."""
    mark = _mark(member_id, _cookie()[0])
    row = KnownDevice.token_digest == mark, KnownDevice.expires_on >= now().date()
    return db.session.scalar(select(KnownDevice.token_digest).where(*row))


def was_own() -> bool:
    """True if this browser was called the visitor's own at the last sign-in."""
    _secret, kind = _cookie()
    return kind == OWN


def remember(member_id: UUID, *, own_device: bool) -> None:
    """Add this browser to the member's known devices, inside a unit of work. A known one is
    written again only towards its end.

    own_device: kind of device, kept in the cookie alone.
    """
    member, secret = account(member_id), _cookie()[0] or new_token()[0]
    mark, until = _mark(member_id, secret), _month_end(now().date() + LIFE)
    rows = DEVICES.rows_to_change(member)
    if known_here := [row for row in rows if row.token_digest == mark]:
        if known_here[0].expires_on <= now().date() + RENEWED:
            known_here[0].expires_on = until
    else:
        DEVICES.write(member, rows, lambda row: row.expires_on, token_digest=mark, expires_on=until)
    _send(f"{secret}.{OWN if own_device else SHARED}")


def forget_all(member_id: UUID) -> None:
    """Delete all known devices of a member."""
    db.session.execute(DEVICES.delete(account(member_id)))


def trim(member: Member) -> None:
    """Delete known devices of an account beyond MOST, oldest first, inside a unit of work."""
    rows = sorted(DEVICES.rows(member), key=lambda row: (row.expires_on, row.id))
    for row in rows[: max(0, len(rows) - MOST)]:
        db.session.delete(row)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _mark(member_id: UUID | None, secret: str) -> bytes:
    """Keyed digest of browser and account: 32 bytes. Source: HMAC-SHA256, RFC 2104.

    Always under the first root key: a digest under a newer key could only be made from the cookie.
    """
    data = f"{member_id}|{secret}".encode()
    return hmac.digest(key_ring().derived(Label.DEVICES), data, "sha256")


def _cookie() -> tuple[str, str]:
    """Secret and kind of device of this browser's cookie; "" for each that is missing."""
    found = SECRET.fullmatch(request.cookies.get(_name(), ""))
    return (found[1], found[2] or "") if found else ("", "")


def _send(value: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]

    def with_cookie(response: Response) -> Response:
        response.set_cookie(
            _name(), value, max_age=LIFE, secure=secure, httponly=True, samesite="Lax"
        )
        return response

    after_this_request(with_cookie)


def _name() -> str:
    return str(current_app.config["DEVICE_COOKIE_NAME"])
