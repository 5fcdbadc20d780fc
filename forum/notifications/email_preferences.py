"""A member's email preferences, and the moments of digests they allow. Pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Any
from uuid import UUID

from forum.core.stored_json import StoredAsJson, store_as

MEANWHILE = timedelta(minutes=10)  # for a new digest to replace a queued digest
LATE = timedelta(hours=3)  # after its moment a digest is skipped for the next
DAY = timedelta(days=1)
NO_ADDRESS = "0" * 64  # of no secret, and as long as any digest
WEEK = range(7)  # days as date.weekday counts them: Monday is 0


@dataclass(frozen=True, slots=True)
class Protected:
    """A weekly hour reserved for circles. day: 0 is Monday. at: local time."""

    day: int
    at: time
    minutes: int


def _stored(hour: Protected) -> list[int | str]:
    return [hour.day, hour.at.isoformat("minutes"), hour.minutes]


def _of_stored(stored: list[Any]) -> Protected:
    day, at, minutes = stored
    return Protected(day, time.fromisoformat(at), minutes)


store_as(Protected, _stored, _of_stored)


@dataclass(frozen=True, slots=True)
class EmailPreferences(StoredAsJson):
    """Email preferences; all times and days are in the member's time zone.

    days, at: of the digest. without: circles left out. quiet_from, quiet_until: hours without
    email, disabled if equal. away_from, away_until: days without email, inclusive. protected: moves
    its day's digest to the start of the protected hour. calendar_digest: of the secret in the
    member's private calendar address, in hexadecimal; it ends with that address.
    """

    digest: bool = True
    days: frozenset[int] = frozenset(WEEK)
    at: time = time(7, 15)
    without: frozenset[UUID] = frozenset()
    quiet_from: time = time(21)
    quiet_until: time = time(7)
    away_from: date | None = None
    away_until: date | None = None
    protected: Protected | None = None
    calendar_digest: str = NO_ADDRESS

    @property
    def uses_time(self) -> bool:
        """Whether a digest leaves at `at`: none does whose only day has the protected hour."""
        return bool(self.days - ({self.protected.day} if self.protected else set()))

    def is_away(self, day: date) -> bool:
        """Whether the member is away on `day`."""
        return (self.away_from or date.min) <= day <= (self.away_until or date.min)

    def is_quiet(self, moment: time) -> bool:
        """Whether a time is within quiet hours, which may cross midnight."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= moment < self.quiet_until
        return moment >= self.quiet_from or moment < self.quiet_until


@dataclass(frozen=True, slots=True)
class DigestTime:
    """A digest's moment. day: its local date; at most a single digest a day."""

    day: date
    moment: datetime = field(compare=False)  # UTC


def next_digest_time(
    preferences: EmailPreferences, after: datetime, zone: tzinfo
) -> DigestTime | None:
    """The first digest after a moment; None if digests are off."""
    later = (each for each in _digest_times(preferences, after, zone) if each.moment > after)
    return next(later, None)


def time_to_plan(preferences: EmailPreferences, after: datetime, zone: tzinfo) -> DigestTime | None:
    """The first moment after another at which to look for a digest, in an absence too; None if
    digests are off.

    Planned for the end of an absence, which stands in clear, it would tell a thief of the database
    who is away, and so is not behind a hidden name.
    """
    return next_digest_time(replace(preferences, away_from=None, away_until=None), after, zone)


def due_digest_time(
    preferences: EmailPreferences, now: datetime, zone: tzinfo
) -> DigestTime | None:
    """The digest due now, at most LATE ago; of two, around midnight, the later."""
    times = _digest_times(preferences, now - DAY, zone)
    past = [*takewhile(lambda each: each.moment <= now, times)]
    return past[-1] if past and past[-1].moment >= now - LATE else None


def first_digest_time(
    preferences: EmailPreferences, now: datetime, zone: tzinfo
) -> DigestTime | None:
    """The digest to plan once the zone has changed: due now, or the next. Its day may have had one
    already: see digests.Told.
    """
    return due_digest_time(preferences, now, zone) or time_to_plan(preferences, now, zone)


def may_leave(preferences: EmailPreferences, now: datetime, zone: tzinfo) -> datetime | None:
    """Moment from which a prepared digest may leave, UTC; None if digests are off.

    Now, or after quiet hours, or with the next digest, which replaces it. In an absence none
    leaves: see digests.leaves_at.
    """
    digest_time = due_digest_time(preferences, now, zone)
    if digest_time is None:
        later = time_to_plan(preferences, now, zone)
        return later.moment + MEANWHILE if later else None
    local = now.astimezone(zone)
    if not preferences.is_quiet(local.time()) or _is_protected(preferences, local):
        return now
    ends = _utc(local.date(), preferences.quiet_until, zone)
    return ends if ends > now else _utc(local.date() + DAY, preferences.quiet_until, zone)


def _digest_times(
    preferences: EmailPreferences, after: datetime, zone: tzinfo
) -> Iterator[DigestTime]:
    """Digests in order from the local day of `after`, for at least a week after any absence."""
    if not preferences.digest:
        return
    first = after.astimezone(zone).date()
    last = max(first, preferences.away_until or first) + 8 * DAY
    for days in range((last - first).days + 1):
        day = first + timedelta(days=days)
        at = _at(preferences, day.weekday())
        if at is not None and not preferences.is_away(day):
            yield DigestTime(day, _utc(day, at, zone))


def _at(preferences: EmailPreferences, weekday: int) -> time | None:
    """The digest's local time on a weekday; the protected hour takes precedence."""
    if preferences.protected and preferences.protected.day == weekday:
        return preferences.protected.at
    return preferences.at if weekday in preferences.days else None


def _is_protected(preferences: EmailPreferences, local: datetime) -> bool:
    kept = preferences.protected
    if kept is None:
        return False
    return any(
        timedelta() <= local - datetime.combine(day, kept.at, local.tzinfo) <= LATE
        for day in (local.date() - DAY, local.date())
        if day.weekday() == kept.day
    )


def _utc(day: date, at: time, zone: tzinfo) -> datetime:
    """A local time as UTC. Source: PEP 495.

    A time skipped by a clock change is read with the offset before the change; a repeated time is
    the first.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)
