"""Locks of a circle: whoever changes it waits for whoever does so already."""

from uuid import UUID

from sqlalchemy import update

from forum.circles.models import Circle
from forum.core.db import db, one_at_a_time
from forum.core.randomness import new_id
from forum.policy.standing import Standing


def lock_circle(circle_id: UUID) -> None:
    """Lock a circle until this transaction ends; other units of work that ask for it wait.

    A lock on the circle's row would be written into that row by PostgreSQL (`xmax`), and so tell
    which transaction came last.
    """
    one_at_a_time(f"circle {circle_id}")


def draw_revision(standing: Standing) -> None:
    """Lock a circle and draw its revision anew, in the transaction that changes its content.

    Drawn, not counted: a count tells a thief the order of writing, and comes again after a restored
    backup.
    """
    lock_circle(standing.circle_id)
    here = Circle.id == standing.circle_id
    db.session.execute(update(Circle).where(here).values(revision=new_id()))
