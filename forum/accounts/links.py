"""Links that work once: given out as a secret, kept as its digest, gone when used."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forum.accounts.models import OneTimeLink, Purpose
from forum.accounts.owner_keys import LINKS
from forum.accounts.queries import account
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.tokens import digest, new_token

MEMBER = "member"  # in a payload: whose link it is


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for, once it was found."""

    member_id: UUID | None
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link that nobody has used yet, as its giver may see it again: without the secret."""

    id: UUID
    expires_at: datetime
    payload: dict[str, Any] = field(repr=False)


def issue(
    purpose: Purpose,
    life: timedelta,
    *,
    member_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> str:
    """A new link's secret, 43 characters of base64url; shown or mailed once, never stored.

    Of a member's links of one purpose four live at a time, and a fifth ends the oldest.
    """
    secret, kept = new_token()
    whose = {MEMBER: str(member_id)} if member_id else {}
    values = {"digest": kept, "purpose": purpose, "expires_at": now() + life}
    values["payload"] = json.dumps((payload or {}) | whose)
    if member_id is None:
        db.session.add(OneTimeLink(**values))
    else:
        member, ids = account(member_id), LINKS[purpose]
        ids.write(member, ids.rows_to_change(member), lambda row: row.expires_at, **values)
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
    payload = json.loads(found.payload)
    whose = payload.pop(MEMBER, None)
    return Link(UUID(whose) if whose else None, payload)


def use(secret: str, purpose: Purpose) -> Link:
    """What a living link stands for, and its end: of many who press at once, one is served.

    Raises NotFound for all others.
    """
    link = find(secret, purpose)
    gone = db.session.execute(delete(OneTimeLink).where(OneTimeLink.digest == digest(secret)))
    if gone.rowcount != 1:  # type: ignore[attr-defined]  # the stubs know no CursorResult here
        raise NotFound
    return link


def waiting(purpose: Purpose) -> list[Waiting]:
    """The living links of one purpose, at most 200, those that end soonest first."""
    living = select(OneTimeLink).filter_by(purpose=purpose).where(OneTimeLink.expires_at > now())
    order = (OneTimeLink.expires_at, OneTimeLink.id)
    return [
        Waiting(link.id, link.expires_at, json.loads(link.payload))
        for link in db.session.scalars(living.order_by(*order).limit(200))
    ]


def take_back(link_id: UUID, purpose: Purpose) -> bool:
    """End one link; whether it was still there."""
    gone = db.session.execute(delete(OneTimeLink).filter_by(id=link_id, purpose=purpose))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as above


def end_all(purpose: Purpose) -> int:
    """End every link of one purpose; gives how many there were.

    One statement, so that of many who do this at once all but the first end none.
    """
    gone = db.session.execute(delete(OneTimeLink).filter_by(purpose=purpose))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # as above
