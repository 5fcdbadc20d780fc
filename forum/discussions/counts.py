"""Post counts by circle, for readers who may see no content."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
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


def hours_of_posts(circles: Collection[UUID], since: datetime) -> set[datetime]:
    """Hours from `since` on in which posts appeared in any of these circles, UTC.

    Whoever wrote them, and also if they are withdrawn or hidden by now: the hours of a circle are
    the same for all its members, and none goes away.
    """
    found = set[datetime]()
    for kind in (Thread, Reply):
        there = kind.circle_id.in_(circles), kind.appears_at.between(since, now())
        found.update(db.session.scalars(select(kind.appears_at).where(*there).distinct()))
    return found


def waiting_for_a_look(span: timedelta) -> Counter[UUID]:
    """Circle -> hidden posts whose review has been pending for at least `span`."""
    since = Hiding.waits_since <= (now() - span).date()
    counted = select(Hiding.circle_id, func.count()).where(since).group_by(Hiding.circle_id)
    return Counter({row[0]: row[1] for row in db.session.execute(counted)})
