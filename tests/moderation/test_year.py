"""The moderators' drawing of a year: each number stands for five or more."""

from datetime import date, timedelta

import pytest

from forum.discussions import activity_report, facilitation
from tests.world import CROWD, ROSE

PEOPLE = (*ROSE, *CROWD)


def told(world, weeks, people):
    """Present a thread each week, by each of `people` in turn, answered a day later by the next."""
    for week in range(weeks):
        world.moment += timedelta(days=6)
        who, other = people[week % len(people)], people[(week + 1) % len(people)]
        thread_id = world.present(who, "Something", "A little.")
        world.moment += timedelta(days=1)
        world.reply(other, "With you.", thread_id=thread_id)
    world.moment += timedelta(days=7)


def the_year(world):
    with world.app.app_context():
        return activity_report.year(world.standing("mo"))


@pytest.mark.parametrize(
    ("weeks", "people"), [(4, PEOPLE), (12, PEOPLE[:4])], ids=["four threads", "four people"]
)
def test_too_few_posts_make_no_drawing(world, weeks, people):
    told(world, weeks, people)

    assert the_year(world) == []
    page = world.client("mo").get(world.url("moderation.year")).text
    assert "Not enough posts for a chart" in page
    assert '<svg viewBox="0 -18' not in page


def test_each_number_covers_five_posts_and_names(world):
    told(world, 20, PEOPLE)

    spans = the_year(world)

    assert len(spans) > 1
    for span in spans:
        assert span.threads * span.weeks >= activity_report.BEHIND - 0.5
        assert span.replies * span.weeks >= activity_report.BEHIND - 0.5
        assert span.waited == 1
    assert sum(span.weeks for span in spans) <= activity_report.WEEKS


def test_drawing_and_table_agree(world):
    told(world, 20, PEOPLE)
    spans = the_year(world)

    page = world.client("mo").get(world.url("moderation.year")).text

    assert page.count("<rect") == 3 * len(spans)
    assert page.count('<th scope="row">') == len(spans)
    assert not [who for who in PEOPLE if f"Dr {who.title()}" in page]


def rounds_closed(world, number):
    for _ in range(number):
        world.present("pru", "Told", "Words.", talk="questions_first")
    world.moment += timedelta(weeks=8)


@pytest.mark.parametrize(("number", "counted"), [(4, 0), (5, 5)])
def test_closed_rounds_are_counted_from_five_up(world, number, counted):
    """Fails when so few rounds are counted that the number describes somebody."""
    rounds_closed(world, number)

    with world.app.app_context():
        assert facilitation.closed_in_year(world.standing("mo")) == counted
    page = world.client("mo").get(world.url("moderation.year")).text
    assert ("Rounds closed in these weeks: 5." in page) is bool(counted)


def test_rounds_still_open_and_long_closed_do_not_count(world):
    rounds_closed(world, 5)
    world.moment += timedelta(weeks=60)
    rounds_closed(world, 4)
    world.present("pru", "Told", "Words.", talk="questions_first")

    with world.app.app_context():
        assert facilitation.closed_in_year(world.standing("mo")) == 0


def test_the_year_is_of_complete_weeks(world):
    """Fails when the week of today, of which some days are still to come, is counted."""
    world.moment += timedelta(days=3)  # a Thursday
    with world.app.app_context():
        first, end = activity_report.bounds()

    assert (first, end) == (date(2025, 3, 3), date(2026, 3, 2))
