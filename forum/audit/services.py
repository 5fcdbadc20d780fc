"""Writing down what was done."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from forum.audit import queries
from forum.audit.actions import Actor, Deed
from forum.audit.hash_chain import BEGINNING, link
from forum.audit.models import SERVICE, Entry
from forum.audit.queries import Said
from forum.core.clock import this_hour
from forum.core.db import db, one_at_a_time


def note(
    chain: UUID,
    deed: Deed,
    actor: Actor,
    *,
    about: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Add a line to the log of a circle, in the unit of work that does what it tells of.

    about: the name under which someone writes, or a role; never a person, never a text.
    reason: a word of one of the closed lists. at: the hour, unless that would tell on someone.
    """
    one_at_a_time(f"log {chain}")
    last = queries.last(chain)
    line = Entry(chain=chain, seq=last.seq + 1 if last else 1, at=at or this_hour())
    line.said = json.dumps(asdict(Said(deed, actor, about, reason)), ensure_ascii=False)
    line.digest = link(last.digest if last else BEGINNING, line)
    db.session.add(line)
    db.session.flush()  # the next line of this work comes after it


def note_service(deed: Deed, actor: Actor, *, about: str = "", reason: str = "") -> None:
    """The same for the service's log."""
    note(SERVICE, deed, actor, about=about, reason=reason)
