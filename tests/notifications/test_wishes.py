"""When a digest is due: across zones, clock changes, midnight, quiet hours and absences."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.notifications.email_preferences import (
    LATE,
    MEANWHILE,
    Protected,
    Wishes,
    may_leave,
    next_turn,
    turn_now,
)

LONDON = ZoneInfo("Europe/London")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


def moments(wishes, after, count, zone=LONDON):
    found = []
    for _ in range(count):
        after = next_turn(wishes, after, zone).moment
        found.append(f"{after.astimezone(zone):%a %d %H:%M}")
    return found


def test_default_digest_comes_daily_at_quarter_past_seven():
    assert moments(Wishes(), MONDAY, 3) == ["Mon 02 07:15", "Tue 03 07:15", "Wed 04 07:15"]


def test_digest_comes_at_the_chosen_days_and_hour():
    wishes = Wishes(days=frozenset({1, 4}), at=time(18, 30))

    assert moments(wishes, MONDAY, 3) == ["Tue 03 18:30", "Fri 06 18:30", "Tue 10 18:30"]


def test_digest_can_be_turned_off():
    assert next_turn(Wishes(digest=False), MONDAY, LONDON) is None
    assert next_turn(Wishes(days=frozenset()), MONDAY, LONDON) is None
    assert may_leave(Wishes(digest=False), MONDAY, LONDON) is None


def test_no_digest_comes_during_an_absence():
    wishes = Wishes(away_from=date(2026, 3, 3), away_until=date(2026, 3, 9))

    assert moments(wishes, MONDAY, 2) == ["Mon 02 07:15", "Tue 10 07:15"]
    long = Wishes(away_from=date(2026, 3, 1), away_until=date(2027, 3, 1))
    assert next_turn(long, MONDAY, LONDON).day == date(2027, 3, 2)


def test_digest_comes_as_protected_hour_begins():
    wishes = Wishes(days=frozenset({0, 2}), protected=Protected(2, time(21, 30), 30))

    assert moments(wishes, MONDAY, 3) == ["Mon 02 07:15", "Wed 04 21:30", "Mon 09 07:15"]
    only = replace(wishes, days=frozenset())
    assert moments(only, MONDAY, 2) == ["Wed 04 21:30", "Wed 11 21:30"]


@pytest.mark.parametrize(
    ("zone", "at", "day", "utc"),
    [
        ("Europe/London", time(7, 15), date(2026, 3, 28), "07:15"),
        ("Europe/London", time(7, 15), date(2026, 3, 29), "06:15"),  # summer time begins
        ("Europe/London", time(1, 30), date(2026, 3, 29), "01:30"),  # skipped: 02:30 by the clock
        ("Europe/London", time(1, 30), date(2026, 10, 25), "00:30"),  # twice: the first
        (
            "Australia/Lord_Howe",
            time(7, 15),
            date(2026, 4, 4),
            "20:15",
        ),  # summer time of half an hour
        ("Australia/Lord_Howe", time(7, 15), date(2026, 4, 5), "20:45"),
        ("Asia/Kolkata", time(7, 15), date(2026, 3, 2), "01:45"),
        ("Asia/Kathmandu", time(7, 15), date(2026, 3, 2), "01:30"),
        ("America/St_Johns", time(7, 15), date(2026, 3, 2), "10:45"),
        ("Pacific/Kiritimati", time(0, 0), date(2026, 3, 2), "10:00"),  # midnight
    ],
)
def test_digest_follows_the_member_time_zone(zone, at, day, utc):
    wishes, there = Wishes(at=at), ZoneInfo(zone)
    before = datetime.combine(day, time(), there).astimezone(UTC) - MINUTE

    turn = next_turn(wishes, before, there)

    assert turn.day == day
    assert f"{turn.moment:%H:%M}" == utc


@given(
    zone=st.sampled_from(["Europe/London", "Asia/Kathmandu", "America/St_Johns", "Asia/Tokyo"]),
    at=st.times(),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_digests_come_daily_and_in_order(zone, at, days, start):
    wishes, there = Wishes(at=at, days=days), ZoneInfo(zone)
    after, seen = start.replace(tzinfo=UTC), []
    for _ in range(20):
        turn = next_turn(wishes, after, there)
        assert turn.moment > after
        after = turn.moment
        seen.append(turn.day)

    assert seen == sorted(set(seen))
    assert {day.weekday() for day in seen} == days


def test_late_digest_is_skipped():
    moment = next_turn(Wishes(), MONDAY, LONDON).moment

    assert turn_now(Wishes(), moment - MINUTE, LONDON) is None
    assert turn_now(Wishes(), moment, LONDON).day == date(2026, 3, 2)
    assert turn_now(Wishes(), moment + LATE, LONDON).day == date(2026, 3, 2)
    assert turn_now(Wishes(), moment + LATE + MINUTE, LONDON) is None


def test_digest_before_midnight_keeps_its_day():
    wishes = Wishes(at=time(23, 50), quiet_from=time(0), quiet_until=time(0))
    moment = next_turn(wishes, MONDAY, LONDON).moment

    assert turn_now(wishes, moment + HOUR, LONDON).day == date(2026, 3, 2)


def test_prepared_digest_leaves_outside_quiet_hours():
    wishes = Wishes(at=time(20, 30))
    turn = next_turn(wishes, MONDAY, LONDON).moment

    assert may_leave(wishes, turn + MINUTE, LONDON) == turn + MINUTE
    assert may_leave(wishes, turn + HOUR, LONDON) == turn.replace(hour=7, minute=0) + DAY
    assert may_leave(wishes, turn + 4 * HOUR, LONDON) == turn + DAY + MEANWHILE


def test_quiet_hours_may_lie_within_a_day():
    noon = replace(Wishes(at=time(11, 30)), quiet_from=time(12), quiet_until=time(14))
    turn = next_turn(noon, MONDAY, LONDON).moment
    assert may_leave(noon, turn + HOUR, LONDON) == turn.replace(hour=14, minute=0)

    none = replace(Wishes(at=time(22)), quiet_from=time(0), quiet_until=time(0))
    turn = next_turn(none, MONDAY, LONDON).moment
    assert may_leave(none, turn + HOUR, LONDON) == turn + HOUR


def test_protected_hour_overrides_quiet_hours():
    wishes = Wishes(protected=Protected(0, time(22), 30))
    turn = next_turn(wishes, MONDAY, LONDON).moment

    assert may_leave(wishes, turn + 5 * MINUTE, LONDON) == turn + 5 * MINUTE


def test_no_digest_leaves_during_an_absence():
    wishes = Wishes(away_from=date(2026, 3, 2), away_until=date(2026, 3, 4))

    leaves = may_leave(wishes, MONDAY + 2 * HOUR, LONDON)

    assert leaves.astimezone(LONDON).date() == date(2026, 3, 5)


@given(
    st.builds(
        Wishes,
        digest=st.booleans(),
        days=st.frozensets(st.integers(0, 6)),
        at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        without=st.frozensets(st.uuids()),
        away_from=st.none() | st.dates(),
        away_until=st.none() | st.dates(),
        protected=st.none()
        | st.builds(
            Protected,
            day=st.integers(0, 6),
            at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
            minutes=st.integers(15, 90),
        ),
    )
)
def test_preferences_survive_json(wishes):
    assert Wishes.from_json(wishes.to_json()) == wishes
