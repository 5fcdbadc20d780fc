"""Links that work once: given out as a secret, kept as its digest, gone when used."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forum.accounts.models import OneTimeLink, Purpose
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.tokens import digest, new_token


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for, once it was found."""

    member_id: UUID | None
    payload: dict[str, Any] = field(repr=False)


def issue(
    purpose: Purpose,
    life: timedelta,
    *,
    member_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> str:
    """A new link's secret, 43 characters of base64url; shown or mailed once, never kept."""
    secret, kept = new_token()
    link = OneTimeLink(digest=kept, purpose=purpose, member_id=member_id, expires_at=now() + life)
    link.payload = json.dumps(payload or {})
    db.session.add(link)
    return secret


def find(secret: str, purpose: Purpose) -> Link:
    """What a living link stands for. Looking changes nothing. Raises NotFound."""
    found = db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.digest == digest(secret),
            OneTimeLink.purpose == purpose,
            OneTimeLink.expires_at > now(),
        )
    )
    if found is None:
        raise NotFound
    return Link(found.member_id, json.loads(found.payload))


def use(secret: str, purpose: Purpose) -> Link:
    """What a living link stands for, and its end: of many who press at once, one is served.

    Raises NotFound for all others.
    """
    link = find(secret, purpose)
    gone = db.session.execute(delete(OneTimeLink).where(OneTimeLink.digest == digest(secret)))
    if gone.rowcount != 1:  # type: ignore[attr-defined]  # the stubs know no CursorResult here
        raise NotFound
    return link
