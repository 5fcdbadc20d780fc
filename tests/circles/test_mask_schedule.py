"""Slots at their edges: the moment of a slot belongs to it, and changes of slots leave no gap."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.circles.mask_schedule import NOTICE, Daily, are_apart, between, last_slot, next_slot

LONDON = ZoneInfo("Europe/London")
TWICE = Daily(LONDON, (time(7), time(19)))
SEVEN = datetime(2026, 3, 2, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "slot"),
    [(SEVEN - SECOND, SEVEN - timedelta(hours=12)), (SEVEN, SEVEN), (SEVEN + SECOND, SEVEN)],
)
def test_the_moment_of_a_slot_belongs_to_it(moment, slot):
    assert last_slot(moment, TWICE) == slot


@pytest.mark.parametrize(
    ("moment", "slot"), [(SEVEN - SECOND, SEVEN), (SEVEN, SEVEN + timedelta(hours=12))]
)
def test_the_next_slot_is_never_now(moment, slot):
    assert next_slot(moment, TWICE) == slot


def test_slots_that_begin_after_a_notice_are_found_at_its_edges():
    """Fails when whoever writes just before new slots apply waits for none."""
    begins = SEVEN + NOTICE
    before = Daily(LONDON, (time(19),), until=begins)
    after = Daily(LONDON, (time(6),), since=begins)

    found = [
        next_slot(SEVEN + timedelta(hours=hours), before, after) - SEVEN
        for hours in (0, 11, 12, 13, 24)
    ]

    hours = [each // timedelta(hours=1) for each in found]
    assert hours == [12, 12, 47, 47, 47]


def test_slots_between_two_moments_include_both():
    found = between(SEVEN, SEVEN + timedelta(days=1), TWICE)

    assert [(each - SEVEN) // timedelta(hours=1) for each in found] == [0, 12, 24]


@pytest.mark.parametrize(
    ("times", "apart"),
    [
        ((time(7), time(10)), True),
        ((time(7), time(9, 59)), False),
        ((time(2), time(23)), True),
        ((time(1, 59), time(23)), False),  # over midnight
        ((time(7),), True),
    ],
)
def test_times_of_day_are_three_hours_apart(times, apart):
    """Fails when times as the page asks for them are sent back, or closer ones are taken."""
    assert are_apart(times) is apart


def test_the_last_slot_may_be_a_long_day_ago():
    """Fails where clocks go back: the slot of the day before is 25 hours old."""
    daily = Daily(LONDON, (time(8),))
    begun = datetime(2026, 10, 24, 7, tzinfo=UTC)

    assert last_slot(datetime(2026, 10, 25, 7, 59, tzinfo=UTC), daily) == begun
    assert last_slot(datetime(2026, 10, 25, 8, tzinfo=UTC), daily) == begun + timedelta(hours=25)
