"""One-time links: issued as a secret, stored as a digest, deleted on use."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forum.accounts.models import OneTimeLink, Purpose
from forum.accounts.owner_keys import LINKS, lock
from forum.accounts.queries import account
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.randomness import new_id
from forum.core.tokens import digest, new_token

READING = timedelta(minutes=10)  # between sending an email and opening its link
MEMBER = "member"  # payload key: id of the link's member


@dataclass(frozen=True, slots=True)
class Link:
    """Content of a valid link."""

    member_id: UUID | None
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unused link as shown to its issuer, without the secret."""

    id: UUID
    expires_at: datetime
    payload: dict[str, Any] = field(repr=False)


def issue(
    purpose: Purpose,
    life: timedelta,
    *,
    member_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
    link_id: UUID | None = None,
) -> str:
    """Secret of a new link: 43 characters of base64url, shown or mailed once, never stored.

    link_id: for a link of no member; a link of this id that is there gets a new secret.
    A member has four links of a purpose at most; a fifth replaces the oldest.
    """
    secret, kept = new_token()
    whose = {MEMBER: str(member_id)} if member_id else {}
    values = {"digest": kept, "purpose": purpose, "expires_at": now() + life}
    values["payload"] = json.dumps((payload or {}) | whose)
    if member_id is None:
        db.session.merge(OneTimeLink(id=link_id or new_id(), **values))
    else:
        member, ids = account(member_id), LINKS[purpose]
        ids.write(member, ids.rows_to_change(member), lambda row: row.expires_at, **values)
    return secret


def find(secret: str, purpose: Purpose) -> Link:
    """Content of a valid link, unchanged by reading. Raises NotFound."""
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
    """Content of a valid link, which is deleted: of simultaneous requests, one succeeds.

    Raises NotFound for all others.
    """
    link = find(secret, purpose)
    if link.member_id:
        lock(account(link.member_id))
    gone = db.session.execute(delete(OneTimeLink).where(OneTimeLink.digest == digest(secret)))
    if gone.rowcount != 1:  # type: ignore[attr-defined]  # the stubs know no CursorResult here
        raise NotFound
    return link


def waiting(purpose: Purpose) -> list[Waiting]:
    """Valid links of a purpose, at most 200, earliest expiry first."""
    living = select(OneTimeLink).filter_by(purpose=purpose).where(OneTimeLink.expires_at > now())
    order = (OneTimeLink.expires_at, OneTimeLink.id)
    return [
        Waiting(link.id, link.expires_at, json.loads(link.payload))
        for link in db.session.scalars(living.order_by(*order).limit(200))
    ]


def opens(link_digest: bytes) -> bool:
    """True for a valid link that lives long enough to be read in an email sent now."""
    living = OneTimeLink.expires_at > now() + READING
    found = select(OneTimeLink.id).filter_by(digest=link_digest).where(living)
    return db.session.scalar(found) is not None


def is_waiting(link_id: UUID) -> bool:
    """Whether a link of this id was issued, and neither used nor cancelled."""
    return db.session.get(OneTimeLink, link_id) is not None


def cancel(link_id: UUID, purpose: Purpose) -> bool:
    """Delete a link; returns True if it existed."""
    gone = db.session.execute(delete(OneTimeLink).filter_by(id=link_id, purpose=purpose))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as above


def end_all(purpose: Purpose) -> int:
    """Delete all links of a purpose; returns their number.

    A single statement, so that of simultaneous calls only the first deletes any.
    """
    gone = db.session.execute(delete(OneTimeLink).filter_by(purpose=purpose))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # as above
