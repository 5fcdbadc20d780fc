"""Number of circles, for rooms that may know nothing else about them."""

from uuid import UUID

from sqlalchemy import select

from forum.circles.models import Circle
from forum.core.db import db
from forum.core.keys import key_ring


def living() -> frozenset[UUID]:
    """Ids of circles that still have a key; a restored database may list others."""
    return key_ring().circles().intersection(db.session.scalars(select(Circle.id)))
