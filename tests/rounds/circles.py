"""A circle's slots and rounds, as tests of rounds need them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from forum.circles.mask_schedule import Daily
from forum.rounds.catalogue import shipped
from forum.rounds.counted_days import CountedDays, Weekends
from forum.rounds.timeline import timeline

LONDON = ZoneInfo("Europe/London")
EVERY_DAY = (Weekends(date.min, counted=True),)


def newest(key):
    return shipped().newest_rounds()[key]


def days(*, zone=LONDON, times=(7, 19), rests=(), weekends=EVERY_DAY):
    """Slots at whole local hours; every day counts unless said otherwise."""
    daily = Daily(zone, tuple(time(hour) for hour in times))
    return CountedDays((daily,), rests, weekends)


def local(day, hour=7, minute=0, zone=LONDON):
    """A local time of a day, such as "2026-05-11", in UTC."""
    return datetime.combine(date.fromisoformat(day), time(hour, minute), zone).astimezone(UTC)


MONDAY = local("2026-05-11")  # in May 2026, on the hour of a slot


def may(day, hour=7, minute=0):
    """A local time in May 2026; day 32 is the first of June."""
    month, day = (5, day) if day <= 31 else (6, day - 31)
    return local(f"2026-{month:02}-{day:02}", hour, minute)


def talk(key="questions_first", *, at, begun=MONDAY, moves=(), words=(), holds=(), **settings):
    """The timeline of a thread. words: (step, kind) of posts."""
    counted = {each: list(words).count(each) for each in words}
    return timeline(begun, newest(key), days(**settings), at, moves, counted, holds)
