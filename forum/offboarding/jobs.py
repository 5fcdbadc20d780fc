"""Clocked work for leavers, at each slot of their circle.

Order matters. Due posts are withdrawn first. Then memberships without remaining rows are purged,
then all plans are sealed again, and only then rows are deleted for remaining leavers: so a
membership is never purged in the run that deletes its last row, however late the worker is, but at
the next slot at the earliest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from forum.accounts.services import due_for_deletion
from forum.circles import closing
from forum.circles import queries as circles
from forum.circles import services as circle_services
from forum.circles.locks import lock_circle
from forum.circles.mask_schedule import Daily, next_slot
from forum.circles.models import Circle, Membership
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.fences import fence, left_out
from forum.core.keys import key_ring
from forum.discussions import post_queries, read_marks
from forum.discussions import posts as words
from forum.offboarding import belongings, queries, services
from forum.offboarding.belongings import Kind
from forum.offboarding.models import Farewell
from forum.offboarding.plans import LIFE, Name, Plan
from forum.policy.standing import Standing

POSTS_PER_TRANSACTION = 10  # keeps other writers waiting for a quarter of a second at most
ROWS_PER_TRANSACTION = 200
A_NIGHT = timedelta(days=1, hours=1)  # from one night's work to the next, where clocks change too


def settle() -> int:
    """Do all due work for leavers; returns the number of posts, rows and memberships gone."""
    _make_plans()
    _seal_farewells()
    done = 0
    for circle_id in queries.due():
        with fence("offboarding.settled"):
            done += _settle(circle_id)
    return done


def forget_accounts() -> int:
    """Delete accounts due for deletion; returns their number."""
    done = 0
    for member_id in due_for_deletion():
        with fence("offboarding.forgotten"), unit_of_work():
            done += services.forget(member_id)
    return done


def _settle(circle_id: UUID) -> int:
    with unit_of_work():
        lock_circle(circle_id)
        _drop_plans_of_returned(circle_id)
    home = db.session.get_one(Circle, circle_id)
    standing, rota = Standing.of_no_one(circle_id), home.mask_schedule
    done = sum(_withdraw_due(standing, name, rota) for name in _going(circle_id))
    with unit_of_work():
        lock_circle(circle_id)
        done += circle_services.purge(circle_id, belongings.remain)
        closing.begin_empty(circle_id)
    with unit_of_work():
        lock_circle(circle_id)
        _seal_anew(circle_id, rota)
    left = circles.leavers(Membership.circle_id == circle_id)
    slots = {place: belongings.slots(place, queries.grace(), rota) for place in left}
    over = [place for place in left if _ends_within(place, timedelta())]
    done += sum(_empty_marks(place) for place in over)
    return done + sum(_drop_due(place, among) for place, among in slots.items())


def _drop_plans_of_returned(circle_id: UUID) -> None:
    """Delete the plans of members who rejoined by invitation: their posts stay."""
    for row, plan in queries.readable(queries.departures(circle_id)):
        place = plan.place_id and db.session.get(Membership, (circle_id, plan.place_id))
        if place and place.left_on is None:
            db.session.delete(row)


def _going(circle_id: UUID) -> list[Name]:
    plans = queries.readable(queries.departures(circle_id))
    return [name for _row, plan in plans for name in plan.names if name.goes]


def _withdraw_due(standing: Standing, name: Name, rota: Sequence[Daily]) -> int:
    """Withdraw due posts of one name. Posts already withdrawn are skipped, so an interrupted run
    resumes.
    """
    if name.first is None or name.first > now():
        return 0
    slots = name.slots(rota)
    posts = [post.id for post in post_queries.by_author(standing, name.author_id)]
    due = [post_id for post_id in posts if name.slot_of(post_id, slots) <= now()]
    for some in _in_parts(due, POSTS_PER_TRANSACTION):
        with unit_of_work():
            lock_circle(standing.circle_id)
            if name not in _going(standing.circle_id):
                return 0  # came back meanwhile
            for post_id in some:
                words.take_away(standing, post_queries.any_post(standing, post_id))
    return len(due)


def _seal_anew(circle_id: UUID, rota: Sequence[Daily]) -> None:
    """Seal every plan of a circle again, so that two copies of the database do not reveal which
    plan changed.

    Plans of purged memberships drop the membership id; expired plans are deleted.
    """
    places = {place.id for place in circles.leavers(Membership.circle_id == circle_id)}
    for row, plan in queries.readable(queries.departures(circle_id), "offboarding.settled"):
        if plan.ends_on <= now().date():
            db.session.delete(row)
            continue
        if plan.place_id not in places:
            plan = plan.without_place(now())
        row.plan = replace(plan, look_at=next_slot(now(), *rota)).to_json()


def _drop_due(place: Membership, slots: Sequence[datetime]) -> int:
    """Delete due rows under a leaver's hand, unless they came back meanwhile."""
    standing, done = circles.former_standing(place), 0
    due: dict[Kind, list[UUID]] = {}
    for kind, row_id in belongings.owned(standing):
        if belongings.slot_of(standing, row_id, slots) <= now():
            due.setdefault(kind, []).append(row_id)
    for kind, ids in due.items():
        for some in _in_parts(ids, ROWS_PER_TRANSACTION):
            with unit_of_work():
                lock_circle(standing.circle_id)
                if place.left_on is None:
                    return done
                belongings.drop(standing, kind, some)
            done += len(some)
    return done


def read_marks_to_empty(circle_id: UUID) -> set[UUID]:
    """Ids of read marks of a circle whose reader's grace days end before another night is over."""
    found = set[UUID]()
    for place in circles.leavers(Membership.circle_id == circle_id):
        if _ends_within(place, A_NIGHT):
            with left_out("offboarding.settled"):  # a damaged secret leaves its marks as they are
                standing = circles.former_standing(place)
                found |= {mark.id for mark in belongings.read_marks_left(standing)}
    return found


def _ends_within(place: Membership, span: timedelta) -> bool:
    """True where a leaver's grace days end within a span from now."""
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    end = datetime.combine(place.left_on, time(), UTC) + queries.grace()
    return end <= now() + span


def _empty_marks(place: Membership) -> int:
    """Empty the read marks that no night has emptied, since the worker did not run then; none of
    somebody who came back meanwhile.
    """
    standing = circles.former_standing(place)
    with unit_of_work():
        lock_circle(standing.circle_id)
        left = belongings.read_marks_left(standing) if place.left_on else []
        for mark in left:
            read_marks.empty(mark)
    return len(left)


def _make_plans() -> None:
    """Create a plan for leavers without one: removed members, and leavers of an earlier release."""
    for place in circles.leavers():
        if queries.departure(place) is None:
            with fence("offboarding.settled"), unit_of_work():
                lock_circle(place.circle_id)
                row = services.departure(place)
                plan = Plan.from_json(row.plan)
                row.plan = replace(plan, look_at=now()).to_json()


def _seal_farewells() -> None:
    """Convert plain rows of an earlier release to sealed plans."""
    rows = select(Farewell.circle_id, Farewell.id).order_by(Farewell.id)
    for circle_id, farewell_id in db.session.execute(rows).all():
        with fence("offboarding.settled"), unit_of_work():
            going = db.session.get(Farewell, (circle_id, farewell_id))
            if going and key_ring().keeps(circle_id):
                lock_circle(circle_id)
                _seal_farewell(going)


def _seal_farewell(going: Farewell) -> None:
    for row, plan in queries.readable(queries.departures(going.circle_id)):
        if any(name.author_id == going.author_id for name in plan.names):
            names = [
                name.to_go(going.goes_at, going.goes_at)
                if name.author_id == going.author_id
                else name
                for name in plan.names
            ]
            row.plan = replace(plan, names=tuple(names)).to_json()
            break
    else:  # the membership is purged by now
        name = Name(going.author_id).to_go(going.goes_at, going.goes_at)
        plan = Plan(None, (name,), look_at=now(), ends_on=(now() + LIFE).date())
        services.keep(going.circle_id, plan)
    db.session.delete(going)


def _in_parts(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
