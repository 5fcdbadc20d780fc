"""Queries for leavers."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts.queries import account
from forum.authors import queries as authors
from forum.circles import queries as circles
from forum.circles.models import Circle, Membership
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
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
    until: date  # last day for undoing
    removed: bool
    stay: Names  # posts stay, and may still be withdrawn
    go: Names  # posts are being withdrawn


def grace() -> timedelta:
    """Period in which leaving can be undone."""
    return timedelta(days=current_app.config["LEAVING_GRACE_DAYS"])


def names(standing: Standing) -> Names:
    """Everyday names of a member in a circle."""
    held = {row.mode: row.name for row in authors.everyday_rows(standing)}
    own = standing.own_name if AuthorMode.OWN_NAME in held else ""
    return Names(own, held.get(AuthorMode.PSEUDONYM, ""))


def all_names(member_id: UUID) -> list[Names]:
    """Everyday names of a member in each of their circles."""
    return [names(place.standing) for place in circles.places(member_id)]


def left(member_id: UUID) -> list[Left]:
    """Circles that a member left recently."""
    return [_left(place) for place in circles.left_places(member_id)]


def left_place(member_id: UUID, place_id: UUID) -> Membership:
    """Former membership of a member, by id. Raises NotFound."""
    for place in circles.left_places(member_id, Membership.id == place_id):
        return place
    raise NotFound


def departures(circle_id: UUID) -> list[Departure]:
    """Departure rows of a circle, ordered by random id."""
    here = select(Departure).filter_by(circle_id=circle_id).order_by(Departure.id)
    return list(db.session.scalars(here))


def departure(place: Membership) -> Departure | None:
    """Departure row of a former membership; None before the worker has created one."""
    rows = departures(place.circle_id)
    return next((row for row in rows if Plan.from_json(row.plan).place_id == place.id), None)


def due() -> list[UUID]:
    """Ids of circles with departures due for the worker."""
    rows = db.session.scalars(select(Departure).order_by(Departure.id))
    kept = [row for row in rows if key_ring().keeps(row.circle_id)]
    return sorted({row.circle_id for row in kept if Plan.from_json(row.plan).look_at <= now()})


def goes_on(member_id: UUID) -> date | None:
    """Day of the account's scheduled deletion; None without one."""
    return account(member_id).goes_on


def _left(place: Membership) -> Left:
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    row = departure(place)
    known = Plan.from_json(row.plan).names if row else ()
    going = {name.author_id for name in known if name.goes}
    split: dict[bool, dict[AuthorMode, str]] = {True: {}, False: {}}
    for each in authors.everyday_rows(circles.former_standing(place)):
        is_own = each.mode is AuthorMode.OWN_NAME
        split[each.id in going][each.mode] = place.own_name if is_own else each.name
    go, stay = (
        Names(found.get(AuthorMode.OWN_NAME, ""), found.get(AuthorMode.PSEUDONYM, ""))
        for found in (split[True], split[False])
    )
    return Left(
        place_id=place.id,
        circle=db.session.get_one(Circle, place.circle_id).name,
        until=place.left_on + grace() - timedelta(days=1),
        removed=place.removed,
        stay=stay,
        go=go,
    )
