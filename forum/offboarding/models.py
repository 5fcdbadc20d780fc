"""Tables of leavers' plans: when their posts are withdrawn."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from forum.core.db import NO_ROWID, InCircle, Model, in_same_circle
from forum.core.sealing import CircleSealed


class Departure(InCircle, Model):
    """Plan for withdrawing a leaver's posts.

    Every leaver has a row, of equal size and lifetime whatever they chose; without the circle's key
    no row reveals a name, time or choice.
    """

    __tablename__ = "departure"
    __table_args__ = (NO_ROWID,)

    plan = CircleSealed(str)  # JSON, padded: see plans.Plan


class Farewell(InCircle, Model):
    """Plain row of an earlier release, which the worker converts to a sealed Departure."""

    __tablename__ = "farewell"
    __table_args__ = (
        UniqueConstraint("circle_id", "author_id"),
        in_same_circle("author_id", "author", "CASCADE"),
        NO_ROWID,
    )

    author_id: Mapped[UUID]
    goes_at: Mapped[datetime]  # UTC, a slot, drawn per name
