from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import flask
import pytest

from forum.accounts.queries import SignedIn
from forum.web.dates import day, due, last_day, on_day, span


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=60), "1 hour"),
        (timedelta(hours=12), "12 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_a_span_reads_in_its_largest_unit(world, time, said):
    with world.app.test_request_context():
        assert span(time) == said


def test_sign_in_states_exact_session_lengths(world):
    page = world.client().get("/sign-in").text

    assert "after 30 minutes without activity, and after 12 hours at most" in page
    assert "after 7 days without a visit, and after 30 days at most" in page


@pytest.mark.parametrize(
    ("zone", "hour", "then", "said"),
    [
        ("Europe/London", 10, date(2026, 3, 2), "today"),
        ("Pacific/Auckland", 18, date(2026, 3, 2), "yesterday"),  # the 3rd there
        ("Pacific/Auckland", 18, date(2026, 3, 3), "today"),
        ("Pacific/Auckland", 18, date(2026, 3, 5), "5\u00a0March"),
        ("America/Los_Angeles", 3, date(2026, 3, 2), "today"),  # begun in UTC, and the 1st there
        ("America/Los_Angeles", 3, date(2026, 3, 3), "3\u00a0March"),
        ("Atlantis/Capital", 10, date(2026, 3, 2), "today"),
    ],
)
def test_days_are_the_readers(world, zone, hour, then, said):
    world.moment = datetime(2026, 3, 2, hour, tzinfo=UTC)
    with world.app.test_request_context():
        flask.g._login_user = SignedIn(world.ids["ray"], zone, is_programme_lead=False)

        assert on_day(then) == said
        assert day(world.moment) == "today"


@pytest.mark.parametrize(
    ("zone", "moment", "said"),
    [
        ("Pacific/Honolulu", datetime(2026, 5, 2, 4, tzinfo=UTC), "on 2\u00a0May"),  # 1 May there
        ("Pacific/Honolulu", datetime(2026, 5, 3, 4, tzinfo=UTC), "today"),
        ("Pacific/Auckland", datetime(2026, 5, 1, 14, tzinfo=UTC), "today"),
    ],
)
def test_a_last_day_is_today_while_it_lasts_there(world, zone, moment, said):
    world.moment, there, then = moment, ZoneInfo(zone), date(2026, 5, 2)

    with world.app.test_request_context():
        flask.g._login_user = SignedIn(world.ids["ray"], zone, is_programme_lead=False)

        assert due(then, there).endswith(last_day(then, there))
        assert due(then, there) == said
