"""What the clock does for those who left."""

from sqlalchemy import select

from forum.accounts.services import due_to_go
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.keys import ring
from forum.discussions import queries as discussions
from forum.discussions import services as words
from forum.leaving import services
from forum.leaving.models import Farewell
from forum.policy.standing import Standing


def settle() -> int:
    """Take away what is due to go, and delete accounts whose day has come. Gives how many."""
    done = 0
    due = select(Farewell.id).where(Farewell.goes_at <= now()).order_by(Farewell.id)
    for farewell_id in db.session.scalars(due).all():
        with unit_of_work():
            going = db.session.get(Farewell, farewell_id)
            if going and ring().keeps(going.circle_id):
                _take_away(going)
                done += 1
    for member_id in due_to_go():
        with unit_of_work():
            services.forget(member_id)
            done += 1
    return done


def _take_away(going: Farewell) -> None:
    standing = Standing.of_no_one(going.circle_id)
    for post in discussions.by_author(standing, going.author_id):
        words.take_away(standing, post)
    services.drop(going)
