"""Locks of a circle, which serialise changes to it."""

from uuid import UUID

from sqlalchemy import update

from forum.circles.models import Circle
from forum.core.db import db, one_at_a_time
from forum.core.randomness import new_id
from forum.policy.standing import Standing


def lock_circle(circle_id: UUID) -> None:
    """Lock a circle until this transaction ends; other units of work wait.

    An advisory lock, because PostgreSQL would write a row lock into the row (`xmax`), revealing the
    latest transaction.
    """
    one_at_a_time("circle", circle_id)


def draw_revision(standing: Standing) -> None:
    """Lock a circle and draw a new revision, in the transaction that changes its content.

    Random, since a counter would reveal the order of writing and repeat after a restore.
    """
    lock_circle(standing.circle_id)
    here = Circle.id == standing.circle_id
    db.session.execute(update(Circle).where(here).values(revision=new_id()))
