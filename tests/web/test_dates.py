from datetime import timedelta

import pytest

from forum.web.dates import span


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

    assert "after 30 minutes without a press, and after 12 hours in all" in page
    assert "after 7 days without a visit, and after 30 days in all" in page
