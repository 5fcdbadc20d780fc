"""Due digests: found, prepared and queued, at most a single digest a day.

Finding news takes long and changes nothing. Preparing changes the plan and queues the email in the
same transaction, so a killed or second worker loses and doubles no email.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts.models import Member
from forum.circles import queries as circles
from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.discussions import unread
from forum.discussions.queries import heads
from forum.mail import outbox as mail
from forum.notifications import update_email
from forum.notifications.email_preferences import Turn, Wishes, may_leave, next_turn, turn_now
from forum.notifications.models import MailPlan
from forum.notifications.queries import zone_of
from forum.policy.standing import Standing

BATCH_SIZE = 100  # plans between two transactions


@dataclass(frozen=True, slots=True)
class Told:
    """Contents of the last digest.

    since: hour of preparation, "2026-03-02 07:00", UTC. posts: ids in hex of posts already visible
    in that hour. threads: ids in hex of threads awaiting a first reply. day: local date. letter: id
    of the queued email.
    """

    since: str = ""
    posts: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    day: str = ""
    letter: str = ""

    def to_json(self) -> str:
        """JSON to store in a plan."""
        return json.dumps([self.since, self.posts, self.threads, self.day, self.letter])

    @classmethod
    def from_json(cls, text: str) -> "Told":
        """Parse the JSON of a plan."""
        since, posts, threads, day, letter = json.loads(text)
        return cls(since, tuple(posts), tuple(threads), day, letter)


@dataclass(frozen=True, slots=True)
class Found:
    """News for a member. posts: id in hex -> when it appeared. threads: as in Told."""

    posts: dict[str, str]
    threads: tuple[str, ...]

    def is_news(self, told: Told) -> bool:
        """Whether any of this is missing from the last digest."""
        return bool({*self.threads}.difference(told.threads)) or any(
            at >= told.since and post not in told.posts for post, at in self.posts.items()
        )

    def as_told(self, turn: Turn, letter: UUID) -> Told:
        """The record to store in the plan once queued."""
        since = f"{this_hour():%Y-%m-%d %H:%M}"
        posts = tuple(sorted(post for post, at in self.posts.items() if at >= since))
        return Told(since, posts, self.threads, turn.day.isoformat(), str(letter))


def run() -> int:
    """Prepare all due digests; returns the number of emails queued."""
    made = 0
    while True:
        with current_app.app_context():  # a session for each batch
            if not (plans := _due()):
                return made
            made += _make_ready({plan: _look(plan) for plan in plans})


def begin_all() -> None:
    """Create missing plans. No count is returned: a log of it would reveal when members joined."""
    without = (
        select(Member)
        .outerjoin(MailPlan, MailPlan.id == Member.id)
        .where(MailPlan.id.is_(None), ~Member.is_programme_lead)
        .limit(BATCH_SIZE)
    )
    while True:
        with unit_of_work():
            if not [begin(member) for member in db.session.scalars(without).all()]:
                return


def put_off_all() -> None:
    """Skip all due digests, and schedule each member's next."""
    for plan in db.session.scalars(select(MailPlan).where(MailPlan.digest_at <= now())):
        member = db.session.get_one(Member, plan.id)
        plan.digest_at = _next(Wishes.from_json(plan.wishes), member)


def begin(member: Member) -> MailPlan:
    """Create a member's plan: daily digests of news from now on."""
    plan = MailPlan(id=member.id)
    plan.wishes = Wishes().to_json()
    plan.told = Told(f"{this_hour():%Y-%m-%d %H:%M}").to_json()
    plan.digest_at = _next(Wishes(), member)
    db.session.add(plan)
    return plan


def leaves_at(member_id: UUID) -> datetime | None:
    """When a queued digest may leave, UTC; None if unwanted by now or without news."""
    member, plan = db.session.get(Member, member_id), db.session.get(MailPlan, member_id)
    if member is None or plan is None or not _may_get_mail(member):
        return None
    wishes = Wishes.from_json(plan.wishes)
    found = _found(member_id, wishes)
    if not (found.posts or found.threads):
        return None
    return may_leave(wishes, now(), zone_of(member))


def _due() -> Sequence[UUID]:
    due = select(MailPlan.id).where(MailPlan.digest_at <= now())
    return db.session.scalars(due.order_by(MailPlan.digest_at, MailPlan.id).limit(BATCH_SIZE)).all()


def _look(plan_id: UUID) -> Found | None:
    """Find news for a plan; None unless its digest is due now."""
    plan, member = db.session.get_one(MailPlan, plan_id), db.session.get_one(Member, plan_id)
    wishes, told = Wishes.from_json(plan.wishes), Told.from_json(plan.told)
    turn = turn_now(wishes, now(), zone_of(member))
    if turn is None or turn.day.isoformat() <= told.day or not _may_get_mail(member):
        return None
    return _found(plan_id, wishes)


def _found(member_id: UUID, wishes: Wishes) -> Found:
    standings = [
        place.standing
        for place in circles.places(member_id)
        if place.standing.circle_id not in wishes.without
    ]
    found = unread.look(standings, masks=False)  # the email's carriers are onlookers
    posts = {post: glimpse.stamp for each in found.news for post, glimpse in each.fresh.items()}
    return Found(posts, _asking(standings, found.unanswered))


def _asking(standings: Sequence[Standing], threads: Sequence[UUID]) -> tuple[str, ...]:
    known = heads(standings, threads)
    return tuple(sorted(each.hex for each in threads if each in known and known[each].asks))


def _make_ready(looked: dict[UUID, Found | None]) -> int:
    made = 0
    with unit_of_work():
        for plan_id, found in looked.items():
            plan = db.session.get(MailPlan, plan_id, with_for_update=True)
            if plan is None or plan.digest_at is None or plan.digest_at > now():
                continue  # done by another worker
            made += _write(plan, found)
    return made


def _write(plan: MailPlan, found: Found | None) -> bool:
    """Queue a plan's digest and schedule the next; returns whether an email was queued."""
    member = db.session.get_one(Member, plan.id)
    wishes, told = Wishes.from_json(plan.wishes), Told.from_json(plan.told)
    turn = turn_now(wishes, now(), zone_of(member))
    plan.digest_at = _next(wishes, member)
    if turn is None or found is None:
        return False
    again = _take_back(told) and bool(found.posts or found.threads)
    if not (again or found.is_news(told)):
        return False
    if (letter := update_email.digest(member)) is None:
        return False
    plan.told = found.as_told(turn, letter).to_json()
    return True


def _take_back(told: Told) -> bool:
    """Withdraw the last digest if it is still queued: the new digest replaces it."""
    return bool(told.letter) and mail.withdraw(UUID(told.letter))


def _next(wishes: Wishes, member: Member) -> datetime | None:
    turn = next_turn(wishes, now(), zone_of(member))
    return turn.moment if turn else None


def _may_get_mail(member: Member) -> bool:
    return not (member.is_suspended or member.is_programme_lead or member.goes_on)
