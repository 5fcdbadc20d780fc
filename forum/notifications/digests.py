"""Due digests: found, prepared and queued, at most a single digest a day.

Finding news takes long and changes nothing. Preparing changes the plan and queues the email in the
same transaction, so a killed or second worker loses and doubles no email.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from forum.accounts.models import Member
from forum.circles import queries as circles
from forum.circles.closing import NOTICE
from forum.circles.queries import Place
from forum.core import resealing
from forum.core.clock import now, this_hour
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy, SealBroken
from forum.core.fences import left_out
from forum.discussions import look_backs, unread
from forum.discussions.thread_queries import heads
from forum.mail import outbox as mail
from forum.moderation.queries import circles_with_worries
from forum.notifications import update_email
from forum.notifications.email_preferences import (
    DAY,
    DigestTime,
    EmailPreferences,
    due_digest_time,
    first_digest_time,
    may_leave,
    time_to_plan,
)
from forum.notifications.models import MailPlan
from forum.notifications.queries import zone_of
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import Follows

BATCH_SIZE = 100  # plans between two transactions
LATELY = timedelta(days=8)  # in which a notice is told: digests are weekly at the least
LAST_WEEK = timedelta(days=7)  # before a circle is deleted
PADDED = 2048  # characters: of some fifty posts
FURTHEST = timedelta(days=9)  # to the next look for a digest
SEALED = "plans.sealed"  # job


@dataclass(frozen=True, slots=True)
class Told:
    """Contents of the last digest.

    since: hour of preparation, "2026-03-02 07:00", UTC. posts: ids in hex of posts already visible
    in that hour. threads: ids in hex of threads awaiting a first reply. day: local date, in the
    zone of then. email: id of the queued email. moment: of the digest, ISO 8601, UTC; "" before a
    first, and for those of earlier releases.
    """

    since: str = ""
    posts: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    day: str = ""
    email: str = ""
    moment: str = ""

    @property
    def is_ahead(self) -> bool:
        """Whether a clock ran ahead as the digest was made."""
        return self.since > f"{this_hour():%Y-%m-%d %H:%M}"

    @property
    def last(self) -> datetime | None:
        """Moment of the last digest, UTC; None before a first."""
        return datetime.fromisoformat(self.moment) if self.moment else None

    def day_in(self, zone: tzinfo) -> str:
        """Local date of the last digest in a zone; "" before a first."""
        return self.last.astimezone(zone).date().isoformat() if self.last else self.day

    def to_json(self) -> str:
        """JSON to store in a plan, with blanks to a multiple of PADDED: its length would reveal
        how much the member had not read.
        """
        kept = [self.since, self.posts, self.threads, self.day, self.email, self.moment]
        text = json.dumps(kept)
        return text + " " * (-len(text) % PADDED)

    @classmethod
    def from_json(cls, text: str) -> "Told":
        """Parse the JSON of a plan."""
        since, posts, threads, *rest = json.loads(text)
        return cls(since, tuple(posts), tuple(threads), *rest)


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

    def as_told(self, digest_time: DigestTime, email: UUID) -> Told:
        """The record to store in the plan once queued."""
        since = f"{this_hour():%Y-%m-%d %H:%M}"
        posts = tuple(sorted(post for post, at in self.posts.items() if at >= since))
        day, moment = digest_time.day.isoformat(), digest_time.moment.isoformat()
        return Told(since, posts, self.threads, day, str(email), moment)


def run() -> int:
    """Prepare all due digests; returns the number of emails queued."""
    if now().minute == 0:
        _plan_far_anew()
    made = 0
    while True:
        with current_app.app_context():  # a session for each batch
            if not (plans := _due()):
                return made
            looked: dict[UUID, Found | None] = {}
            for plan in plans:
                with _fence(plan):
                    looked[plan] = _look(plan)
            made += _make_ready(looked)


def _plan_far_anew() -> None:
    """Compute anew plans beyond a week: of an earlier release, or of a clock that ran ahead."""
    far = select(MailPlan.id).where(MailPlan.digest_at > now() + FURTHEST)
    with current_app.app_context():
        for plan_id in db.session.scalars(far).all():
            with _fence(plan_id), unit_of_work():
                plan, member = db.session.get(MailPlan, plan_id), db.session.get(Member, plan_id)
                if plan and member:
                    plan.digest_at = _next(EmailPreferences.from_json(plan.wishes), member)


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
        try:
            plan.digest_at = _next(EmailPreferences.from_json(plan.wishes), member)
            resealing.seal_anew(plan)
        except (SealBroken, ValueError, TypeError) as error:  # one damaged row: see _fence
            current_app.logger.error("digests: a plan failed with %s", type(error).__name__)
            plan.digest_at = now() + DAY


def seal_all_anew() -> None:
    """Seal all plans again: nightly copies then hide whose wishes changed. Plans of an earlier
    release are padded."""
    resealing.seal_all_anew(MailPlan, SEALED, _seal_anew)


def _seal_anew(plan: MailPlan) -> None:
    resealing.seal_anew(plan)
    with left_out():
        plan.told = Told.from_json(plan.told).to_json() if plan.told else plan.told


def plan_anew(member_id: UUID) -> None:
    """Plan a member's digest in their new time zone."""
    plan, member = db.session.get(MailPlan, member_id), db.session.get(Member, member_id)
    if plan and member:
        digest_time = first_digest_time(
            EmailPreferences.from_json(plan.wishes), now(), zone_of(member)
        )
        plan.digest_at = digest_time.moment if digest_time else None


def begin(member: Member) -> MailPlan:
    """Create a member's plan: daily digests of news from now on."""
    plan = MailPlan(id=member.id)
    plan.wishes = EmailPreferences().to_json()
    plan.told = Told(f"{this_hour():%Y-%m-%d %H:%M}").to_json()
    plan.digest_at = _next(EmailPreferences(), member)
    db.session.add(plan)
    return plan


def leaves_at(member_id: UUID) -> datetime | None:
    """Moment from which a queued digest may leave, UTC; None if unwanted by now or without news.

    One that waits into an absence is unwanted, and its news is for the next: a row put off each
    day would show a thief of the database who is away.
    """
    member, plan = db.session.get(Member, member_id), db.session.get(MailPlan, member_id)
    if member is None or plan is None or not _may_get_mail(member):
        return None
    preferences = EmailPreferences.from_json(plan.wishes)
    found = _found(member_id, preferences)
    if not (found.posts or found.threads):
        return None
    zone = zone_of(member)
    moment = may_leave(preferences, now(), zone)
    if moment and moment > now() and preferences.is_away(now().astimezone(zone).date()):
        with unit_of_work():
            plan.told = replace(_told(plan), since="", posts=(), threads=()).to_json()
        return None
    return moment


def _due() -> Sequence[UUID]:
    due = select(MailPlan.id).where(MailPlan.digest_at <= now())
    return db.session.scalars(due.order_by(MailPlan.digest_at, MailPlan.id).limit(BATCH_SIZE)).all()


def _look(plan_id: UUID) -> Found | None:
    """Find news for a plan; None unless its digest is due now."""
    plan, member = db.session.get_one(MailPlan, plan_id), db.session.get_one(Member, plan_id)
    preferences, told = EmailPreferences.from_json(plan.wishes), _told(plan)
    zone = zone_of(member)
    digest_time = due_digest_time(preferences, now(), zone)
    if (
        digest_time is None
        or digest_time.day.isoformat() <= told.day_in(zone)
        or not _may_get_mail(member)
    ):
        return None
    return _found(plan_id, preferences)


def _told(plan: MailPlan) -> Told:
    """Contents of a plan's last digest; none if it was made ahead of its time."""
    told = Told.from_json(plan.told)
    return Told(email=told.email) if told.is_ahead else told


def _found(member_id: UUID, preferences: EmailPreferences) -> Found:
    mine = circles.places(member_id)
    places = [each for each in mine if each.standing.circle_id not in preferences.without]
    standings = [place.standing for place in places]
    found = unread.look(standings, masks=False, own=True)  # the email's carriers are onlookers
    posts = {post: figures.stamp for each in found.news for post, figures in each.fresh.items()}
    posts |= _erasures(places) | _closings(places) | _worries(places)
    return Found(posts, _asking(standings, found.unanswered))


def _erasures(places: Sequence[Place]) -> dict[str, str]:
    """Notices that threads go, as if each were a post: a digest tells them so, and no more.

    A notice is known by its day, and counts from that day's end.
    """
    lately, found = (now() - LATELY).date(), dict[str, str]()
    for each in places:
        told_on = each.circle.erasure_told_on
        if told_on and told_on > lately and each.standing.follows is not Follows.NOTHING:
            found[f"{each.circle.id.hex} {told_on}"] = f"{told_on} 23:59"
    return found


def _closings(places: Sequence[Place]) -> dict[str, str]:
    """Notices that circles close, as if each were a post: as it begins, and in the last week.

    A notice is known by its day, and counts from that day's end in the circle's time zone.
    """
    found = dict[str, str]()
    for each in places:
        today, ends = each.circle.today, each.circle.closes_on
        days = [ends - NOTICE, ends - LAST_WEEK] if ends else []
        for told_on in days:
            if today - LATELY < told_on <= today:
                stamp = _end_of(told_on, each.circle.zone)
                found[f"{each.circle.id.hex} closes {told_on}"] = stamp
    return found


def _worries(places: Sequence[Place]) -> dict[str, str]:
    """Worries that wait for moderators since yesterday, as if each were a post: told again each
    day until settled."""
    moderated = [each.circle.id for each in places if may.keep_safe(each.standing)]
    today = now().date()
    waits = circles_with_worries(moderated) if moderated else ()
    return {f"{circle_id.hex} worries {today}": f"{today} 23:59" for circle_id in waits}


def _end_of(day: date, zone: tzinfo) -> str:
    """The end of a local day, UTC, as posts are stamped."""
    return f"{datetime.combine(day + DAY, time(), zone).astimezone(UTC):%Y-%m-%d %H:%M}"


def _asking(standings: Sequence[Standing], threads: Sequence[UUID]) -> tuple[str, ...]:
    known, still = heads(standings, threads), look_backs.still(standings, threads)
    threads = [each for each in threads if each not in still]
    return tuple(sorted(each.hex for each in threads if each in known and known[each].asks))


@contextmanager
def _fence(plan_id: UUID) -> Iterator[None]:
    """Keep one member's damaged row from stopping other members' digests: log, try tomorrow."""
    try:
        yield
    except (Busy, OperationalError):  # the database's trouble, and no row's
        raise
    except Exception as error:
        current_app.logger.error("digests: a plan failed with %s", type(error).__name__)
        db.session.rollback()
        later = update(MailPlan).filter_by(id=plan_id).values(digest_at=now() + DAY)
        with unit_of_work():
            db.session.execute(later)


def _make_ready(looked: dict[UUID, Found | None]) -> int:
    """Write plans in a single transaction; on failure, each plan in a transaction of its own."""
    try:
        return _written(looked)
    except (Busy, OperationalError):
        raise
    except Exception:
        db.session.rollback()
        made = 0
        for plan_id, found in looked.items():
            with _fence(plan_id):
                made += _written({plan_id: found})
        return made


def _written(looked: dict[UUID, Found | None]) -> int:
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
    preferences, told = EmailPreferences.from_json(plan.wishes), _told(plan)
    digest_time = due_digest_time(preferences, now(), zone_of(member))
    plan.digest_at = _next(preferences, member)
    resealing.seal_anew(plan)  # of all alike: else copies would show who had read everything
    if digest_time is None or found is None:
        return False
    again = _withdraw_last(told) and bool(found.posts or found.threads)
    if not (again or found.is_news(told)):
        return False
    if (email := update_email.digest(member)) is None:
        return False
    plan.told = found.as_told(digest_time, email).to_json()
    return True


def _withdraw_last(told: Told) -> bool:
    """Withdraw the last digest if it is still queued: the new digest replaces it."""
    return bool(told.email) and mail.withdraw(UUID(told.email))


def _next(preferences: EmailPreferences, member: Member) -> datetime | None:
    digest_time = time_to_plan(preferences, now(), zone_of(member))
    return digest_time.moment if digest_time else None


def _may_get_mail(member: Member) -> bool:
    return not (member.is_suspended or member.is_programme_lead or member.goes_on)
