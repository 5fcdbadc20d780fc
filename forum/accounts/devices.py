"""Browsers in which a member signed in before: strangers' guesses do not slow them.

One random cookie serves everyone who uses a browser, and a row for each of them keeps a digest
of its own, so that the database does not tell who shares a computer.
"""

import re
from datetime import timedelta
from uuid import UUID

from flask import Response, after_this_request, current_app, request
from sqlalchemy import delete, select

from forum.accounts.models import KnownDevice
from forum.accounts.owners import owner
from forum.core.clock import now
from forum.core.db import db
from forum.core.tokens import digest, new_token

LIFE = timedelta(days=90)
SECRET = re.compile(r"[\w-]{43}", re.ASCII)


def known(member_id: UUID | None) -> bytes | None:
    """What this browser is known by, if this member signed in here before."""
    mark = _mark(member_id, _brought() or "")
    row = KnownDevice.token_digest == mark, KnownDevice.expires_on >= now().date()
    return db.session.scalar(select(KnownDevice.token_digest).where(*row))


def remember(member_id: UUID) -> None:
    """Know this browser from now on, inside a unit of work."""
    secret = _brought() or new_token()[0]
    mark, until = _mark(member_id, secret), (now() + LIFE).date()
    db.session.execute(delete(KnownDevice).where(KnownDevice.token_digest == mark))
    db.session.add(KnownDevice(owner=owner(member_id), token_digest=mark, expires_on=until))
    _send(secret)


def forget_all(member_id: UUID) -> None:
    """Know no browser of this member any longer."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.owner == owner(member_id)))


def _mark(member_id: UUID | None, secret: str) -> bytes:
    return digest(f"{member_id}|{secret}")


def _brought() -> str | None:
    secret = request.cookies.get(_name(), "")
    return secret if SECRET.fullmatch(secret) else None


def _send(secret: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]

    def with_cookie(response: Response) -> Response:
        response.set_cookie(
            _name(), secret, max_age=LIFE, secure=secure, httponly=True, samesite="Lax"
        )
        return response

    after_this_request(with_cookie)


def _name() -> str:
    return str(current_app.config["DEVICE_COOKIE_NAME"])
