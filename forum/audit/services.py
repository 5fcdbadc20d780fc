"""Writing of log lines."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from forum.audit import queries
from forum.audit.actions import Actor, Deed
from forum.audit.hash_chain import BEGINNING, link
from forum.audit.models import SERVICE, Entry
from forum.audit.queries import LoggedAction
from forum.core.clock import this_hour
from forum.core.db import db, one_at_a_time


def note(
    chain: UUID,
    deed: Deed,
    actor: Actor,
    *,
    about: str = "",
    reason: str = "",
    words: str = "",
    at: datetime | None = None,
) -> None:
    """Append a line to a circle's log, in the unit of work of the logged action.

    about: an author name or a role; never a person, never a post's text.
    reason: a word of a closed list. words: a moderator's reason, as written for all members.
    at: by default the current hour, coarser where an hour would expose someone.
    """
    one_at_a_time("log", chain)
    last = queries.last(chain)
    line = Entry(chain=chain, seq=last.seq + 1 if last else 1, at=at or this_hour())
    line.content = json.dumps(
        asdict(LoggedAction(deed, actor, about, reason, words)), ensure_ascii=False
    )
    line.digest = link(last.digest if last else BEGINNING, line)
    db.session.add(line)
    db.session.flush()  # so that the next line of this unit of work follows


def note_service(
    deed: Deed, actor: Actor, *, about: str = "", reason: str = "", at: datetime | None = None
) -> None:
    """Append a line to the service's log. about, reason and at: as in `note`."""
    note(SERVICE, deed, actor, about=about, reason=reason, at=at)
