"""A circle that lets stories go, and the worker's runs through the months."""

from datetime import timedelta

from forum import worker
from forum.circles import retention_settings
from forum.core.db import unit_of_work
from forum.discussions.models import Thread
from tests.rows import row_of

DAY = timedelta(days=1)


def choose(world, months, circle="rose", who="mo"):
    with world.app.app_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            seen = retention_settings.version(standing)
            retention_settings.choose(standing, months, seen)


def pass_days(world, days):
    """Let days pass, with a run of the worker in the morning of each; of some when there are
    many."""
    step = 1 if days <= 40 else 10 if days <= 100 else 40
    left = days
    while left > 0:
        world.moment += min(step, left) * DAY
        left -= step
        run(world)


def run(world):
    with world.app.app_context():
        return worker.run_due_jobs()


def ending(world, thread_id=None):
    with world.app.app_context():
        thread = row_of(Thread, thread_id or world.ids["thread"])
        return thread.ending, thread.ends_on
