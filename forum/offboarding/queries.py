"""Queries for leavers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts.queries import account
from forum.authors import queries as authors
from forum.authors.models import Author
from forum.circles import queries as circles
from forum.circles.models import Membership
from forum.core.clock import now, zone
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.keys import key_ring
from forum.offboarding.models import Departure
from forum.offboarding.plans import Plan
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode


@dataclass(frozen=True, slots=True)
class Names:
    """Everyday names of a member in a circle; "" for none."""

    own: str = field(repr=False, default="")
    invented: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Left:
    """A circle recently left, while leaving can be undone or posts withdrawn."""

    place_id: UUID
    circle: str = field(repr=False)  # name of the circle
    until: date  # last day for undoing, whole where the member is but for that day itself
    removed: bool
    stay: Names  # posts stay, and may still be withdrawn
    go: Names  # posts are being withdrawn


def grace() -> timedelta:
    """Period in which leaving can be undone."""
    return timedelta(days=current_app.config["LEAVING_GRACE_DAYS"])


def names(standing: Standing) -> Names:
    """Everyday names of a member in a circle."""
    return _names(standing, authors.everyday_rows(standing))


def all_names(member_id: UUID) -> list[Names]:
    """Everyday names of a member in each of their circles; as many statements for any number."""
    standings = [place.standing for place in circles.places(member_id)]
    rows = authors.everyday_rows_of(standings)
    return [_names(standing, _held(standing, rows)) for standing in standings]


def left(member_id: UUID) -> list[Left]:
    """Circles that a member left recently; as many statements for one as for many."""
    former = circles.former_places(member_id)
    plans = _plans_of([place.circle_id for place, _ in former])
    rows = authors.everyday_rows_of(known.standing for _, known in former)
    here = zone(account(member_id).timezone) if former else UTC
    return [
        _left(place, known.name, plans.get(place.id), _held(known.standing, rows), here)
        for place, known in former
    ]


def left_place(member_id: UUID, place_id: UUID) -> Membership:
    """Former membership of a member, by id. Raises NotFound."""
    for place in circles.left_places(member_id, Membership.id == place_id):
        return place
    raise NotFound


def departures(circle_id: UUID) -> list[Departure]:
    """Departure rows of a circle, ordered by random id."""
    here = select(Departure).filter_by(circle_id=circle_id).order_by(Departure.id)
    return list(db.session.scalars(here))


def readable(rows: Iterable[Departure], job: str = "") -> list[tuple[Departure, Plan]]:
    """Rows with their plans; damaged ones are left out, and logged for a job."""
    found = []
    for row in rows:
        with left_out(job):
            found.append((row, Plan.from_json(row.plan)))
    return found


def departure(place: Membership) -> Departure | None:
    """Departure row of a former membership; None before the worker has created one."""
    return next(
        (row for row, plan in readable(departures(place.circle_id)) if plan.place_id == place.id),
        None,
    )


def due() -> list[UUID]:
    """Ids of circles with departures due for the worker."""
    rows = db.session.scalars(select(Departure).order_by(Departure.id))
    kept = [row for row in rows if key_ring().keeps(row.circle_id)]
    return sorted({row.circle_id for row, plan in readable(kept) if plan.look_at <= now()})


def goes_on(member_id: UUID) -> date | None:
    """Day of the account's scheduled deletion; None without one."""
    return account(member_id).goes_on


def _plans_of(circle_ids: list[UUID]) -> dict[UUID, Plan]:
    """Plans of these circles' leavers, by membership id."""
    rows = db.session.scalars(select(Departure).where(Departure.circle_id.in_(circle_ids)))
    return {plan.place_id: plan for _row, plan in readable(rows) if plan.place_id}


def _names(standing: Standing, rows: list[Author]) -> Names:
    held = {row.mode: row.name for row in rows}
    own = standing.own_name if AuthorMode.OWN_NAME in held else ""
    return Names(own, held.get(AuthorMode.PSEUDONYM, ""))


def _held(standing: Standing, rows: list[Author]) -> list[Author]:
    return [row for row in rows if row.circle_id == standing.circle_id and standing.hand.holds(row)]


def _left(
    place: Membership, circle: str, plan: Plan | None, rows: list[Author], here: tzinfo
) -> Left:
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    going = {name.author_id for name in plan.names if name.goes} if plan else set()
    split: dict[bool, dict[AuthorMode, str]] = {True: {}, False: {}}
    for each in rows:
        is_own = each.mode is AuthorMode.OWN_NAME
        split[each.id in going][each.mode] = place.own_name if is_own else each.name
    go, stay = (
        Names(found.get(AuthorMode.OWN_NAME, ""), found.get(AuthorMode.PSEUDONYM, ""))
        for found in (split[True], split[False])
    )
    ends = datetime.combine(place.left_on, time(), UTC) + grace()
    whole = ends.astimezone(here).date() - timedelta(days=1)
    today = min(now(), ends - timedelta.resolution).astimezone(here).date()
    return Left(
        place_id=place.id,
        circle=circle,
        until=max(whole, today),
        removed=place.removed,
        stay=stay,
        go=go,
    )
