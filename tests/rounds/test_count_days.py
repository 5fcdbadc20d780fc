"""Days are counted on the wall of the circle's zone: clock changes, months, rests and weekends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.circles.mask_schedule import Daily
from forum.rounds.counted_days import CountedDays, Rest, Weekends
from tests.rounds.circles import EVERY_DAY, LONDON, days, local

LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock changes by half an hour
ZONES = [LONDON, LORD_HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Africa/Cairo"), UTC]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def rest(first, last):
    return (Rest(date.fromisoformat(first), date.fromisoformat(last)),)


@pytest.mark.parametrize(
    ("begun", "n", "ends"),
    [
        (("2026-05-11", 7), 3, "2026-05-14"),
        (("2026-05-11", 7, 1), 3, "2026-05-15"),
        (("2026-05-11", 6), 3, "2026-05-14"),
        (("2026-05-11", 14, 20), 3, "2026-05-15"),
        (("2026-05-11", 19), 1, "2026-05-13"),
        (("2026-01-30", 7), 3, "2026-02-02"),
        (("2028-02-27", 7), 3, "2028-03-01"),
        (("2027-02-27", 7), 3, "2027-03-02"),
        (("2026-12-30", 7), 4, "2027-01-03"),
        (("2026-03-27", 7), 3, "2026-03-30"),
        (("2026-10-23", 7), 3, "2026-10-26"),
    ],
    ids=[
        *("at a slot", "a minute after", "before the slot", "in the afternoon", "in the evening"),
        *("over a month", "over a leap day", "without a leap day", "over a year"),
        *("over a short day", "over a long day"),
    ],
)
def test_a_phase_ends_at_the_first_morning_after_full_days(begun, n, ends):
    assert days().end(local(*begun), n * DAY) == local(ends)


@pytest.mark.parametrize(
    ("zone", "begun", "ends"),
    [
        (LORD_HOWE, "2026-04-03", "2026-04-06"),
        (LORD_HOWE, "2026-10-02", "2026-10-05"),
        (ZONES[2], "2026-03-06", "2026-03-09"),
    ],
)
def test_three_days_over_a_clock_change_end_at_the_hour_they_began(zone, begun, ends):
    at = local(begun, zone=zone)

    assert days(zone=zone).end(at, 3 * DAY) == local(ends, zone=zone)
    assert local(ends, zone=zone) - at != 3 * DAY


@pytest.mark.parametrize(
    ("begun", "ends"),
    [("2026-03-29", "2026-03-31"), ("2026-03-27", "2026-03-29"), ("2026-10-24", "2026-10-26")],
)
def test_a_slot_in_the_hour_that_the_clock_skips_still_counts_as_itself(begun, ends):
    circle = CountedDays((Daily(LONDON, (time(1, 30),)),), weekends=EVERY_DAY)
    at = local(begun, 1, 30)

    assert circle.end(at, 2 * DAY) == local(ends, 1, 30)


def test_weekends_count_only_where_the_circle_counts_them():
    friday = local("2026-05-15")

    assert days().end(friday, 3 * DAY) == local("2026-05-18")
    assert days(weekends=()).end(friday, 3 * DAY) == local("2026-05-20")


@pytest.mark.parametrize(
    ("begun", "ends"), [("2026-05-13", "2026-05-18"), ("2026-05-16", "2026-05-21")]
)
def test_no_phase_ends_on_a_weekend_that_does_not_count(begun, ends):
    assert days(weekends=()).end(local(begun), 3 * DAY) == local(ends)


def test_weekends_count_from_the_day_on_which_that_was_set():
    late = (Weekends(date(2026, 5, 18), counted=True),)

    assert days(weekends=late).end(local("2026-05-15"), 3 * DAY) == local("2026-05-20")
    assert days(weekends=late).end(local("2026-05-22"), 3 * DAY) == local("2026-05-25")


def test_a_weekend_counts_on_the_very_day_on_which_that_was_set():
    """Fails when a Saturday from which weekends count is left out itself."""
    saturday = (Weekends(date(2026, 5, 16), counted=True),)

    assert days(weekends=saturday).end(local("2026-05-15"), 3 * DAY) == local("2026-05-18")


def test_rest_days_count_for_nothing_and_end_nothing():
    over_christmas = days(rests=rest("2026-12-23", "2027-01-02"))

    assert over_christmas.end(local("2026-12-21"), 3 * DAY) == local("2027-01-04")
    assert over_christmas.end(local("2026-12-22"), 1 * DAY) == local("2027-01-03")
    assert over_christmas.rests_on(local("2026-12-23", 0))
    assert not over_christmas.rests_on(local("2027-01-03", 0))


def test_rests_that_overlap_count_once():
    twice = (*rest("2026-05-12", "2026-05-13"), *rest("2026-05-13", "2026-05-14"))

    assert days(rests=twice).end(local("2026-05-11"), 2 * DAY) == local("2026-05-16")


def test_rests_without_end_are_a_fault_that_is_told():
    with pytest.raises(LookupError, match="ten years"):
        days(rests=rest("2026-01-01", "2100-01-01")).end(local("2026-05-11"), DAY)


def test_other_slots_set_meanwhile_change_no_morning_that_was():
    other = datetime(2026, 5, 13, tzinfo=UTC)
    rota = (Daily(LONDON, (time(7), time(19)), until=other), Daily(LONDON, (time(9),), since=other))

    assert CountedDays(rota, weekends=EVERY_DAY).end(local("2026-05-09"), 3 * DAY) == local(
        "2026-05-12"
    )
    assert CountedDays(rota, weekends=EVERY_DAY).end(local("2026-05-11"), 3 * DAY) == local(
        "2026-05-14", 9
    )


def test_a_circle_that_moves_keeps_the_ends_of_its_old_zone():
    moved = datetime(2026, 4, 10, tzinfo=UTC)
    rota = (Daily(LONDON, (time(7),), until=moved), Daily(UTC, (time(7),), since=moved))

    over_the_clock_change = CountedDays(rota, weekends=EVERY_DAY)

    assert over_the_clock_change.end(local("2026-03-27"), 3 * DAY) == local("2026-03-30")


def test_the_first_slot_of_a_day_is_its_morning():
    circle = days(times=(12, 19))

    assert circle.next_slot(local("2026-05-11", 13)) == local("2026-05-11", 19)
    assert circle.next_morning(local("2026-05-11", 13)) == local("2026-05-12", 12)
    assert circle.next_morning(local("2026-05-11", 11)) == local("2026-05-11", 12)
    assert circle.morning_of(date(2026, 5, 13)) == local("2026-05-13", 12)


def stepped_end(circle, zone, hours, since, n, counts):
    """Another way to the same end: quarters of an hour on the wall, slot after slot."""
    wall, counted = since.astimezone(zone).replace(tzinfo=None), timedelta()
    step = timedelta(minutes=15)
    while True:
        if counts(wall.date()):
            counted += step
        wall += step
        if wall.time() == time(min(hours)) and counted >= n * DAY and counts(wall.date()):
            return wall.replace(tzinfo=zone).astimezone(UTC)


@given(
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.integers(0, 23),
    st.integers(1, 12),
    st.booleans(),
    st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 8)), max_size=3),
    st.sets(st.sampled_from([3, 7, 12, 19]), min_size=1),
)
def test_an_end_is_where_stepping_from_slot_to_slot_arrives(
    zone, day, hour, n, weekends, gaps, hours
):
    rests = [Rest(day + begin * DAY, day + (begin + long) * DAY) for begin, long in gaps]
    circle = days(
        zone=zone, times=sorted(hours), rests=rests, weekends=EVERY_DAY if weekends else ()
    )
    since = datetime.combine(day, time(hour), zone).astimezone(UTC)

    def counts(at):
        in_rest = any(each.first <= at <= each.last for each in rests)
        return not in_rest and (weekends or at.weekday() < 5)

    assert circle.end(since, n * DAY) == stepped_end(circle, zone, hours, since, n, counts)


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.integers(1, 30),
    st.integers(0, 100),
)
def test_a_pause_shifts_an_end_and_shortens_nothing(zone, begun, n, paused_after):
    circle = days(zone=zone)
    since = begun.replace(tzinfo=UTC)
    pause = since + min(paused_after * HOUR, (n - 1) * DAY)
    used = circle.elapsed(since, pause)

    ends = circle.end(pause, n * DAY, used)

    assert ends == circle.end(since, n * DAY)


def test_two_days_after_a_question_are_counted_to_its_hour():
    assert days().end_of(local("2026-05-11", 14), 2 * DAY) == local("2026-05-13", 14)
    assert days(weekends=()).end_of(local("2026-05-15", 14), 2 * DAY) == local("2026-05-19", 14)
