"""Reads about flags. None tells whose one is: a hand can tell its own, and no other."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from forum.circles.invitations import Pending, pending
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.discussions import queries as discussions
from forum.discussions.models import Post, Thread
from forum.moderation.models import Flag, Outcome
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Mark

WAITING = timedelta(days=1)  # without an answer, and the desk lists a reflection
SOON = 3  # days until an invitation lapses


@dataclass(frozen=True, slots=True)
class Flagged:
    """A post at the desk, and what was said about it."""

    post: Post
    flags: list[Flag]

    @property
    def waits(self) -> bool:
        """Whether a moderator has yet to look; else it waits for its author."""
        return any(flag.outcome is None for flag in self.flags)


@dataclass(frozen=True, slots=True)
class Desk:
    """All that waits for the moderators of a circle."""

    flagged: list[Flagged]
    letters: list[Flag]
    unanswered: list[Thread]
    lapsing: list[Pending]


@dataclass(frozen=True, slots=True)
class Notices:
    """What a circle's page says to one member about flags; the same to all, but for their own.

    mine: posts under their everyday name that are hidden until they change them.
    masked: whether such a post hides its name, so that all are asked whether it may be theirs.
    told: flags of their own, with what came of them.
    """

    mine: list[UUID] = field(default_factory=list)
    masked: bool = False
    told: list[Flag] = field(default_factory=list)
    waiting: int = 0  # posts and letters at the desk, for moderators


def notices(standing: Standing) -> Notices:
    """What there is to say to this member on the circle's page."""
    rows = db.session.scalars(
        select(Flag)
        .where(Flag.circle_id == standing.circle_id, ~Flag.told | _live())
        .order_by(Flag.raised_on, Flag.id)
    ).all()
    hiding = [flag for flag in rows if flag.hides and _is_hidden(flag)]
    names = {flag.post_id: flag.author for flag in hiding if flag.post_id and flag.author}
    looks = may.keep_safe(standing)
    open_ones = {flag.post_id or flag.id for flag in rows if flag.outcome is None}
    return Notices(
        mine=[
            post_id
            for post_id, name in names.items()
            if not name.mode.masked and standing.hand.holds(name)
        ],
        masked=any(name.mode.masked for name in names.values()),
        told=[flag for flag in rows if _is_news(flag) and is_own(standing, flag)],
        waiting=len(open_ones) if looks else 0,
    )


def is_own(standing: Standing, flag: Flag) -> bool:
    """Whether this member raised it."""
    return flag.mark == standing.hand.mark(Mark.FLAG, flag.about)


def own_letters(standing: Standing) -> list[Flag]:
    """What this member wrote to the moderators about no post, the latest first."""
    rows = select(Flag).where(Flag.circle_id == standing.circle_id, Flag.post_id.is_(None))
    found = db.session.scalars(rows.order_by(Flag.raised_on.desc(), Flag.id))
    return [flag for flag in found if is_own(standing, flag)]


def flag(standing: Standing, flag_id: UUID) -> Flag:
    """One flag of the circle, or NotFound."""
    found = db.session.get(Flag, flag_id)
    if found is None or found.circle_id != standing.circle_id:
        raise NotFound
    return found


def of_post(standing: Standing, post_id: UUID) -> list[Flag]:
    """Every flag on a post, the oldest first."""
    rows = select(Flag).where(Flag.circle_id == standing.circle_id, Flag.post_id == post_id)
    return list(db.session.scalars(rows.order_by(Flag.raised_on, Flag.id)))


def hid_lately(standing: Standing, span: timedelta) -> bool:
    """Whether this member hid a post of the circle by a flag within that time."""
    since = (now() - span).date()
    rows = select(Flag).where(
        Flag.circle_id == standing.circle_id, Flag.hides, Flag.raised_on > since
    )
    return any(is_own(standing, each) for each in db.session.scalars(rows))


def desk(standing: Standing) -> Desk:
    """What waits for the moderators: what was flagged first, then letters, then what ages."""
    require(may.keep_safe(standing))
    rows = db.session.scalars(
        select(Flag)
        .where(Flag.circle_id == standing.circle_id, _live())
        .order_by(Flag.raised_on, Flag.id)
    ).all()
    by_post = defaultdict[UUID, list[Flag]](list)
    for each in rows:
        if each.post_id:
            by_post[each.post_id].append(each)
    posts = discussions.posts(standing, list(by_post), closed=True)
    flagged = [Flagged(posts[one], flags) for one, flags in by_post.items() if one in posts]
    return Desk(
        flagged=sorted(flagged, key=lambda each: not each.waits),
        letters=[each for each in rows if each.post_id is None],
        unanswered=discussions.unanswered(standing, WAITING),
        lapsing=[each for each in pending(standing) if each.days_left <= SOON],
    )


def waiting_since(flags: list[Flag]) -> timedelta:
    """How long it is that a moderator agreed to keep a post hidden; nothing, where none did."""
    days = [each.settled_on for each in flags if each.outcome is Outcome.KEPT_HIDDEN]
    agreed = min((day for day in days if day), default=now().date())
    return now().date() - agreed


def count_at_desks(standings: list[Standing]) -> dict[UUID, int]:
    """How much waits for the moderators, by circle, of those that this member moderates."""
    mine = [standing.circle_id for standing in standings if may.keep_safe(standing)]
    if not mine:
        return {}
    asked = (
        select(Flag.circle_id, func.count())
        .where(Flag.circle_id.in_(mine), Flag.outcome.is_(None))
        .group_by(Flag.circle_id)
    )
    return {row[0]: row[1] for row in db.session.execute(asked)}


def _live() -> ColumnElement[bool]:
    return Flag.outcome.is_(None) | (Flag.outcome == Outcome.KEPT_HIDDEN)


def _is_news(flag: Flag) -> bool:
    return flag.outcome is not None and not flag.told


def _is_hidden(flag: Flag) -> bool:
    return flag.outcome in (None, Outcome.KEPT_HIDDEN)
