"""Reveals: a hidden presenter's own choice to show their everyday name in one thread.

It is a line beside the opening, from the next slot on and for good. The author row behind the
hidden name stays as it is, so nothing else that its holder wrote is tied to it.
"""

import json
from datetime import datetime
from uuid import UUID

from forum.authors.models import Author
from forum.authors.queries import everyday
from forum.circles.locks import lock_circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import Forbidden
from forum.discussions.models import Thread
from forum.discussions.post_queries import slot
from forum.policy import may, require
from forum.policy.standing import Standing


def name_to_reveal(standing: Standing, thread: Thread) -> Author | None:
    """The everyday name that the presenter could show in this thread; None where nothing is open.

    For the presenter alone: the caller checks who asks.
    """
    is_open = may.reveal(standing, thread) and not thread.revealed
    return everyday(standing) if is_open else None


def reveal(standing: Standing, thread: Thread) -> datetime:
    """Show the presenter's everyday name from the next slot on; gives that slot.

    The member's name on the list stays apart where the two differ. Pressed twice, it is shown once.
    Raises Forbidden for anybody but the hidden presenter.
    """
    require(may.reveal(standing, thread))
    lock_circle(standing.circle_id)
    db.session.refresh(thread)
    if thread.revealed:
        return datetime.fromisoformat(json.loads(thread.revealed)["from"])
    name, shows_at = everyday(standing), slot(standing)
    if name is None:
        raise Forbidden
    thread.revealed = json.dumps({"author": name.id.hex, "from": shows_at.isoformat()})
    return shows_at


def awaited(thread: Thread) -> datetime | None:
    """The slot at which a reveal is still to show; None without one, or once it shows."""
    known = json.loads(thread.revealed) if thread.revealed else None
    shows_at = datetime.fromisoformat(known["from"]) if known else None
    return shows_at if shows_at and shows_at > now() else None


def revealed(thread: Thread) -> str:
    """The everyday name beside a thread's hidden name; "" if unset, or before the slot."""
    if not thread.revealed or thread.withdrawn or thread.hidden:
        return ""
    if awaited(thread):
        return ""
    author_id = UUID(json.loads(thread.revealed)["author"])
    name = db.session.get(Author, (thread.circle_id, author_id))
    return name.name if name else ""
