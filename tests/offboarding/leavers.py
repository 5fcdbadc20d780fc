"""A member who writes under a pseudonym, and leaves."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forum import worker
from forum.authors.models import Author
from forum.authors.services import choose_pseudonym
from forum.circles.mask_schedule import next_slot
from forum.circles.member_names import write_bylines
from forum.circles.queries import circle, left_places
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.offboarding import services
from forum.offboarding.models import Departure
from forum.offboarding.plans import Plan, Withdrawal
from forum.policy.terms import AuthorMode

HERON = "Quiet Heron"
DAY = timedelta(days=1)


def heron(world, who="sol"):
    """Have a member join Rose and write as Quiet Heron."""
    with world.app.app_context():
        home = circle(world.standing("mo"))
        with unit_of_work():
            join(home, world.ids[who], f"Dr {who.title()}")
        with unit_of_work():
            choose_pseudonym(world.standing(who), HERON)


def says(world, count, who="sol"):
    """Post replies as Quiet Heron in the thread; returns their ids."""
    said = (f"Heron says {number}" for number in range(count))
    return [world.reply(who, words, AuthorMode.PSEUDONYM) for words in said]


def leaves(world, who="sol", *, own=False, invented=Withdrawal.NONE):
    """Leave Rose through its page."""
    with world.app.app_context():
        with unit_of_work():
            services.leave(world.ids[who], world.ids["rose"], words_go=own, invented=invented)
        write_bylines()


def to_next_slot(world):
    """Set the clock to the circle's next slot, and run the worker."""
    with world.app.app_context():
        world.moment = next_slot(world.moment, *circle(world.standing("mo")).mask_schedule)
    ring(world)


def to_next_night(world):
    """Set the clock to the worker's next night, and run it."""
    begins = time.fromisoformat(world.app.config["MAINTENANCE_AT"])
    zone = ZoneInfo(world.app.config["TIMEZONE"])
    here = world.moment.astimezone(zone)
    day = here.date() if here.time() < begins else here.date() + DAY
    world.moment = datetime.combine(day, begins, zone).astimezone(UTC)
    ring(world)


def ring(world):
    with world.app.app_context():
        return worker.run_due_jobs()


def plans(world):
    """Content of the departure rows."""
    with world.app.app_context():
        return [Plan.from_json(row.plan) for row in db.session.scalars(select(Departure))]


def place(world, who="sol"):
    [left] = left_places(world.ids[who])
    return left


def author(world, name=HERON):
    """Id of an author row by its name."""
    with world.app.app_context():
        rows = db.session.scalars(select(Author).filter_by(circle_id=world.ids["rose"]))
        [found] = [row.id for row in rows if row.name == name]
        return found
