"""Schedule of masked posts: fixed times of day, so that no hour identifies a writer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

APART = timedelta(hours=3)  # between two slots, at least; closer ones would reveal the hour
NOTICE = timedelta(days=1)  # before new slots apply, since writers were promised the old ones
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Daily slots, valid between two times (UTC).

    times: local, earliest first.
    """

    zone: tzinfo
    times: Sequence[time]
    since: datetime = BEGINNING
    until: datetime = END

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Slots of the next three days after a time, in order, UTC."""
        today = moment.astimezone(self.zone).date()
        for day in (today + timedelta(days=days) for days in range(3)):
            for each in self.times:
                slot = datetime.combine(day, each, self.zone).astimezone(UTC)
                if slot > moment and self.since <= slot < self.until:
                    yield slot


def next_slot(moment: datetime, *schedules: Daily) -> datetime:
    """First slot after `moment`, aware, UTC. schedules: of which one never ends."""
    return min(slot for daily in schedules for slot in daily.after(moment))


def last_slot(moment: datetime, *schedules: Daily) -> datetime:
    """Latest slot at or before `moment`, aware, UTC; BEGINNING without one."""
    lately = (slot for daily in schedules for slot in daily.after(moment - 2 * NOTICE))
    return max((slot for slot in lately if slot <= moment), default=BEGINNING)


def between(start: datetime, end: datetime, *schedules: Daily) -> list[datetime]:
    """Slots from `start` to `end` inclusive, in order, aware, UTC; at least the first after
    `start`.
    """
    found = [next_slot(start - timedelta.resolution, *schedules)]
    while (slot := next_slot(found[-1], *schedules)) <= end:
        found.append(slot)
    return found


def drawn(digest: bytes, slots: Sequence[datetime]) -> datetime:
    """Slot drawn by a digest, with equal probability.

    digest: at least 8 random-looking bytes. Scaled to the number of slots, so the draw stays near
    its time when the circle's slots change.
    """
    return slots[int.from_bytes(digest[:8]) * len(slots) >> 64]


def are_apart(times: Sequence[time]) -> bool:
    """True if all slots are at least APART, over midnight too."""
    minutes = sorted(60 * each.hour + each.minute for each in times)
    gaps = [
        (later - earlier - 1) % (24 * 60) + 1
        for earlier, later in zip(minutes, minutes[1:] + minutes[:1], strict=True)
    ]
    return all(timedelta(minutes=gap) >= APART for gap in gaps)
