"""Reads for those who go."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts.queries import account
from forum.authors import queries as authors
from forum.circles import queries as circles
from forum.circles.models import Circle, Membership
from forum.core.db import db
from forum.core.errors import NotFound
from forum.leaving.models import Farewell


@dataclass(frozen=True, slots=True)
class Left:
    """A circle that somebody left, for as long as it can be undone, or their words taken away."""

    place_id: UUID
    circle: str = field(repr=False)  # its name
    until: date  # the last day on which it can be undone
    removed: bool
    words_go: bool  # whether their words are on their way out


def grace() -> timedelta:
    """For how long leaving can be undone."""
    return timedelta(days=current_app.config["LEAVING_GRACE_DAYS"])


def left(member_id: UUID) -> list[Left]:
    """The circles that a member left lately."""
    found = []
    for place in circles.left_places(member_id):
        assert place.left_on is not None  # noqa: S101  # for the type checker: they left
        names = [row.id for row in authors.everyday_rows(circles.former_standing(place))]
        found.append(
            Left(
                place_id=place.id,
                circle=db.session.get_one(Circle, place.circle_id).name,
                until=place.left_on + grace() - timedelta(days=1),
                removed=place.removed,
                words_go=bool(farewells(names)),
            )
        )
    return found


def farewells(names: Collection[UUID]) -> list[Farewell]:
    """Those of these author rows whose words are still to go."""
    return list(db.session.scalars(select(Farewell).where(Farewell.author_id.in_(names))))


def left_place(member_id: UUID, place_id: UUID) -> Membership:
    """One of them. Raises NotFound."""
    for place in circles.left_places(member_id, Membership.id == place_id):
        return place
    raise NotFound


def goes_on(member_id: UUID) -> date | None:
    """The day on which this account is deleted, if its owner asked for that."""
    return account(member_id).goes_on
