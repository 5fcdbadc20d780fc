"""Post counts by circle, for readers who may see no content."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from forum.core.clock import now
from forum.core.db import db
from forum.discussions.models import Hiding, Reply, Thread


def recent(span: timedelta) -> Counter[UUID]:
    """Circle -> posts visible by now that appeared there within `span`."""
    posts = Counter[UUID]()
    for kind in (Thread, Reply):
        seen = kind.appears_at.between(now() - span, now()), ~kind.withdrawn
        counted = select(kind.circle_id, func.count()).where(*seen).group_by(kind.circle_id)
        for circle_id, count in db.session.execute(counted):
            posts[circle_id] += count
    return posts


def waiting_for_a_look(span: timedelta) -> Counter[UUID]:
    """Circle -> hidden posts whose review has been pending for at least `span`."""
    since = Hiding.waits_since <= (now() - span).date()
    counted = select(Hiding.circle_id, func.count()).where(since).group_by(Hiding.circle_id)
    return Counter({row[0]: row[1] for row in db.session.execute(counted)})
