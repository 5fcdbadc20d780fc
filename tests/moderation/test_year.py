"""The moderators' drawing of a year: each number stands for five or more."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.discussions import activity_report, facilitation
from forum.discussions.models import Reply, Thread
from forum.policy.terms import Hidden, ReplyKind
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


def test_weeks_at_the_end_belong_to_the_last_span(world):
    told(world, 22, PEOPLE)

    assert the_year(world)[-1].ends == bounds(world)[1] - timedelta(days=1)


def test_what_is_hidden_or_withdrawn_is_not_counted(world):
    told(world, 22, PEOPLE)
    before = totals(world)

    with world.app.app_context(), unit_of_work():
        for kind in (Thread, Reply):
            some = db.session.scalars(select(kind).order_by(kind.appears_at).limit(8)).all()
            for each in some[4:6]:
                each.withdrawn = True
            for each in some[6:]:
                each.hidden = Hidden.MODERATOR

    assert totals(world) == (before[0] - 4, before[1] - 4)


def totals(world):
    """Threads and replies of the whole drawing."""
    spans = the_year(world)
    return tuple(
        round(sum(getattr(span, what) * span.weeks for span in spans))
        for what in ("threads", "replies")
    )


def test_threads_without_a_reply_make_no_drawing(world):
    """Fails when a few answered threads stand for the wait of all."""
    for week in range(20):
        world.present(PEOPLE[week % 7], "Something", "A little.")
        world.reply(PEOPLE[(week + 1) % 7], "With you.")  # in one and the same thread
        world.moment += timedelta(days=7)

    assert the_year(world) == []


def test_words_of_the_presenter_are_no_first_reply(world):
    for week in range(20):
        who, other = PEOPLE[week % 7], PEOPLE[(week + 1) % 7]
        thread_id = world.present(who, "Something", "A little.")
        world.reply(who, "I forgot to say.", kind=ReplyKind.ANSWER, thread_id=thread_id)
        world.moment += timedelta(days=2)
        world.reply(other, "With you.", thread_id=thread_id)
        world.moment += timedelta(days=5)
    world.moment += timedelta(days=7)

    assert {span.waited for span in the_year(world)} == {2}


def bounds(world):
    with world.app.app_context():
        return activity_report.bounds()


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

    assert bounds(world) == (date(2025, 3, 3), date(2026, 3, 2))
