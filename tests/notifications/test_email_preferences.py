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
    EmailPreferences,
    Protected,
    due_digest_time,
    may_leave,
    next_digest_time,
)

LONDON = ZoneInfo("Europe/London")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


def moments(preferences, after, count, zone=LONDON):
    found = []
    for _ in range(count):
        after = next_digest_time(preferences, after, zone).moment
        found.append(f"{after.astimezone(zone):%a %d %H:%M}")
    return found


def test_default_digest_comes_daily_at_quarter_past_seven():
    preferences = EmailPreferences()
    assert moments(preferences, MONDAY, 3) == ["Mon 02 07:15", "Tue 03 07:15", "Wed 04 07:15"]


def test_digest_comes_at_the_chosen_days_and_hour():
    preferences = EmailPreferences(days=frozenset({1, 4}), at=time(18, 30))

    assert moments(preferences, MONDAY, 3) == ["Tue 03 18:30", "Fri 06 18:30", "Tue 10 18:30"]


def test_digest_can_be_turned_off():
    assert next_digest_time(EmailPreferences(digest=False), MONDAY, LONDON) is None
    assert next_digest_time(EmailPreferences(days=frozenset()), MONDAY, LONDON) is None
    assert may_leave(EmailPreferences(digest=False), MONDAY, LONDON) is None


def test_no_digest_comes_during_an_absence():
    preferences = EmailPreferences(away_from=date(2026, 3, 3), away_until=date(2026, 3, 9))

    assert moments(preferences, MONDAY, 2) == ["Mon 02 07:15", "Tue 10 07:15"]
    long = EmailPreferences(away_from=date(2026, 3, 1), away_until=date(2027, 3, 1))
    assert next_digest_time(long, MONDAY, LONDON).day == date(2027, 3, 2)


def test_digest_comes_as_protected_hour_begins():
    preferences = EmailPreferences(days=frozenset({0, 2}), protected=Protected(2, time(21, 30), 30))

    assert moments(preferences, MONDAY, 3) == ["Mon 02 07:15", "Wed 04 21:30", "Mon 09 07:15"]
    only = replace(preferences, days=frozenset())
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
    preferences, there = EmailPreferences(at=at), ZoneInfo(zone)
    before = datetime.combine(day, time(), there).astimezone(UTC) - MINUTE

    digest_time = next_digest_time(preferences, before, there)

    assert digest_time.day == day
    assert f"{digest_time.moment:%H:%M}" == utc


@given(
    zone=st.sampled_from(["Europe/London", "Asia/Kathmandu", "America/St_Johns", "Asia/Tokyo"]),
    at=st.times(),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_digests_come_daily_and_in_order(zone, at, days, start):
    preferences, there = EmailPreferences(at=at, days=days), ZoneInfo(zone)
    after, seen = start.replace(tzinfo=UTC), []
    for _ in range(20):
        digest_time = next_digest_time(preferences, after, there)
        assert digest_time.moment > after
        after = digest_time.moment
        seen.append(digest_time.day)

    assert seen == sorted(set(seen))
    assert {day.weekday() for day in seen} == days


def test_late_digest_is_skipped():
    moment = next_digest_time(EmailPreferences(), MONDAY, LONDON).moment

    assert due_digest_time(EmailPreferences(), moment - MINUTE, LONDON) is None
    assert due_digest_time(EmailPreferences(), moment, LONDON).day == date(2026, 3, 2)
    assert due_digest_time(EmailPreferences(), moment + LATE, LONDON).day == date(2026, 3, 2)
    assert due_digest_time(EmailPreferences(), moment + LATE + MINUTE, LONDON) is None


def test_digest_before_midnight_keeps_its_day():
    preferences = EmailPreferences(at=time(23, 50), quiet_from=time(0), quiet_until=time(0))
    moment = next_digest_time(preferences, MONDAY, LONDON).moment

    assert due_digest_time(preferences, moment + HOUR, LONDON).day == date(2026, 3, 2)


def test_of_two_digests_around_midnight_the_later_is_due():
    """Fails when the one of the evening, told already, takes the place of the next day's."""
    late = Protected(0, time(23), 60)
    preferences = EmailPreferences(
        at=time(0, 30), quiet_from=time(21), quiet_until=time(21), protected=late
    )
    days = [
        due_digest_time(preferences, moment, LONDON).day.day
        for moment in (
            datetime(2026, 3, 2, 23, 5, tzinfo=UTC),
            datetime(2026, 3, 3, 0, 29, tzinfo=UTC),
            datetime(2026, 3, 3, 0, 31, tzinfo=UTC),
        )
    ]

    assert days == [2, 2, 3]


def test_prepared_digest_leaves_outside_quiet_hours():
    preferences = EmailPreferences(at=time(20, 30))
    due = next_digest_time(preferences, MONDAY, LONDON).moment

    assert may_leave(preferences, due + MINUTE, LONDON) == due + MINUTE
    assert may_leave(preferences, due + HOUR, LONDON) == due.replace(hour=7, minute=0) + DAY
    assert may_leave(preferences, due + 4 * HOUR, LONDON) == due + DAY + MEANWHILE


def test_quiet_hours_may_lie_within_a_day():
    noon = replace(EmailPreferences(at=time(11, 30)), quiet_from=time(12), quiet_until=time(14))
    digest_time = next_digest_time(noon, MONDAY, LONDON).moment
    assert may_leave(noon, digest_time + HOUR, LONDON) == digest_time.replace(hour=14, minute=0)

    none = replace(EmailPreferences(at=time(22)), quiet_from=time(0), quiet_until=time(0))
    digest_time = next_digest_time(none, MONDAY, LONDON).moment
    assert may_leave(none, digest_time + HOUR, LONDON) == digest_time + HOUR


def test_protected_hour_overrides_quiet_hours():
    preferences = EmailPreferences(protected=Protected(0, time(22), 30))
    digest_time = next_digest_time(preferences, MONDAY, LONDON).moment

    assert may_leave(preferences, digest_time + 5 * MINUTE, LONDON) == digest_time + 5 * MINUTE


def test_protected_hour_overrides_quiet_hours_past_midnight():
    preferences = EmailPreferences(protected=Protected(0, time(23, 30), 60))
    digest_time = next_digest_time(preferences, MONDAY, LONDON).moment

    assert may_leave(preferences, digest_time + 40 * MINUTE, LONDON) == digest_time + 40 * MINUTE


def test_no_digest_leaves_during_an_absence():
    """Fails, too, when the moment to which a waiting email is put off, in clear, tells its end."""
    preferences = EmailPreferences(away_from=date(2026, 3, 2), away_until=date(2026, 3, 4))
    here, asked, met = EmailPreferences(), MONDAY + 5 * HOUR, []

    while (leaves := may_leave(preferences, asked, LONDON)) > asked:
        met.append((leaves, may_leave(here, asked, LONDON)))
        asked = leaves

    assert met[0][0] == met[0][1]
    assert [each.day for each, _here in met] == [3, 4, 5]
    assert asked.astimezone(LONDON).date() == date(2026, 3, 5)


@given(
    st.builds(
        EmailPreferences,
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
def test_preferences_survive_json(preferences):
    assert EmailPreferences.from_json(preferences.to_json()) == preferences
