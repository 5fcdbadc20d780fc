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
def test_a_span_is_said_as_it_was_set(world, time, said):
    with world.app.test_request_context():
        assert span(time) == said


def test_signing_in_says_for_how_long_in_words_that_are_exact(world):
    page = world.client().get("/sign-in").text

    assert "after 30 minutes without a press, and after 12 hours in all" in page
    assert "after 7 days without a visit, and after 30 days in all" in page
