"""Slots: what the worker does when one has come, and how a coming one is said."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.circles.queries import circle
from forum.discussions import jobs
from forum.discussions.slot_phrases import in_words
from forum.policy.terms import AuthorMode
from tests.world import EVENING

LONDON, MINUTE = ZoneInfo("Europe/London"), timedelta(minutes=1)


def revision(world):
    with world.app.app_context():
        return circle(world.standing("mo")).revision


def settled(world):
    """The circle's revision after the worker's run."""
    with world.app.app_context():
        jobs.settle()
    return revision(world)


def test_a_slot_draws_a_revision_only_if_something_appeared(world):
    settled(world)
    world.reply("ray", "Behind a mask", AuthorMode.THREAD_PSEUDONYM)
    before = settled(world)

    world.moment = EVENING + MINUTE
    at_slot = settled(world)
    world.moment = EVENING + timedelta(hours=12, minutes=1)
    at_next = settled(world)

    assert before != at_slot
    assert at_next == at_slot


@pytest.mark.parametrize(
    ("hour", "phrase"),
    [
        (0, "about 12 tomorrow morning"),
        (11, "about 11 this morning"),
        (12, "about 12 this afternoon"),
        (17, "about 5 this afternoon"),
        (18, "about 6 this evening"),
        (23, "about 11 this evening"),
    ],
)
def test_a_slot_is_said_by_the_part_of_its_day(world, hour, phrase):
    moment = datetime(2026, 3, 2, 10, tzinfo=LONDON)
    slot = moment.replace(hour=hour) + timedelta(days=hour < moment.hour)
    with world.app.test_request_context():
        assert in_words(slot, moment, LONDON) == phrase


def test_a_slot_after_tomorrow_is_said_by_its_weekday(world):
    moment = datetime(2026, 3, 2, 23, 59, tzinfo=LONDON)
    tomorrow, later = (datetime(2026, 3, day, 7, 30, tzinfo=LONDON) for day in (3, 4))
    with world.app.test_request_context():
        assert in_words(tomorrow, moment, LONDON) == "about 7:30 tomorrow morning"
        assert in_words(later, moment, LONDON) == "about 07:30 on Wednesday"
