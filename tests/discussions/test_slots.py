"""Slots: what the worker does when one has come, and how a coming one is said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.circles.models import Circle
from forum.circles.queries import circle
from forum.core.db import db, unit_of_work
from forum.discussions import jobs
from forum.discussions.models import Reply, Thread
from forum.discussions.slot_phrases import in_words
from forum.policy.terms import AuthorMode
from tests.rows import row_of
from tests.world import EVENING

LONDON, MINUTE = ZoneInfo("Europe/London"), timedelta(minutes=1)
HALF_PAST = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)


@pytest.fixture
def half_past(world):
    """Rose's slots lie inside an hour, as those of half-hour zones do."""
    with world.app.app_context(), unit_of_work():
        rose = db.session.get_one(Circle, world.ids["rose"])
        rose.slots = "07:30 19:30"


def revision(world):
    with world.app.app_context():
        return circle(world.standing("mo")).revision


def settled(world):
    """The circle's revision after the worker's run."""
    with world.app.app_context():
        jobs.settle()
        jobs.erase()
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


@pytest.mark.usefixtures("half_past")
def test_an_answer_stands_below_what_its_slot_showed(world):
    """Fails when a named post's hour begins before the slot in which what it answers appeared."""
    world.moment = HALF_PAST - 20 * MINUTE
    world.reply("ivy", "By name, before")
    world.reply("ray", "Behind a mask", AuthorMode.THREAD_PSEUDONYM)
    for minutes in (1, 29):
        world.moment = HALF_PAST + minutes * MINUTE
        world.reply("ivy", f"By name, {minutes} after")

    page = world.client("kit").get(world.thread).text
    with world.app.app_context():
        stored = sorted(each.appears_at for each in db.session.query(Reply))

    words = ["By name, before", "Behind a mask", "By name, 1 after", "By name, 29 after"]
    assert sorted(words, key=page.index) == words
    assert stored == [HALF_PAST - 30 * MINUTE] + 3 * [HALF_PAST]  # and no minute of anybody's


@pytest.mark.usefixtures("half_past")
def test_a_masks_holder_hears_of_an_answer_at_the_next_slot(world):
    """Fails when minutes after a named answer they are told, and so can be seen to come back."""
    row = "Something under Your posts"
    told = world.present("ray", "Told", "A kestrel", AuthorMode.THREAD_PSEUDONYM)
    ray, found = world.client("ray"), []
    world.moment = HALF_PAST + MINUTE
    ray.get(f"/circles/{world.ids['rose']}/threads/{told}")
    for moment in (HALF_PAST + 12 * MINUTE, HALF_PAST + timedelta(hours=12, minutes=1)):
        if not found:
            world.moment = HALF_PAST + 10 * MINUTE
            world.reply("ivy", "Answered by name", thread_id=told)
        world.moment = moment
        settled(world)
        found.append(row in world.client("ray").get("/").text)

    assert found == [False, True]


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


def test_a_reply_of_this_very_moment_moves_its_thread(world):
    """Fails when a reply by name counts only a moment after it was posted."""
    world.moment = EVENING.replace(hour=12)
    world.reply("ray", "Now")

    with world.app.app_context():
        assert row_of(Thread, world.ids["thread"]).moved_at == world.moment


def test_a_masked_post_of_the_first_moment_changes_the_circle(world):
    """Fails when a masked post is not noticed whose slot is the last one that was settled."""
    settled(world)
    world.reply("ray", "Hidden", AuthorMode.THREAD_PSEUDONYM)
    before = revision(world)
    world.moment = EVENING

    assert settled(world) != before
