"""When masked posts appear: at set times of day, so that no hour points at anyone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

APART = timedelta(hours=3)  # between two slots of a day, at least: else they would tell the hour
NOTICE = timedelta(days=1)  # before other slots hold: who wrote knew when it would appear
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Slots of each day, as they hold from one moment (UTC) until another.

    times: local, earliest first.
    """

    zone: tzinfo
    times: Sequence[time]
    since: datetime = BEGINNING
    until: datetime = END

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The slots of the next three days that come after a moment, in order, UTC."""
        today = moment.astimezone(self.zone).date()
        for day in (today + timedelta(days=days) for days in range(3)):
            for each in self.times:
                slot = datetime.combine(day, each, self.zone).astimezone(UTC)
                if slot > moment and self.since <= slot < self.until:
                    yield slot


def next_slot(moment: datetime, *rota: Daily) -> datetime:
    """The first slot after `moment`, aware, UTC. rota: one that ends nowhere among them."""
    return min(slot for daily in rota for slot in daily.after(moment))


def between(start: datetime, end: datetime, *rota: Daily) -> list[datetime]:
    """The slots from `start` to `end`, both included, in order, aware, UTC; the first one after
    `start` where there are none."""
    found = [next_slot(start - timedelta.resolution, *rota)]
    while (slot := next_slot(found[-1], *rota)) <= end:
        found.append(slot)
    return found


def drawn(digest: bytes, slots: Sequence[datetime]) -> datetime:
    """The slot that a digest draws, each as likely as another.

    digest: at least 8 random-looking bytes. Scaled to the number of slots, so that the draw stays
    about where it was in time when a circle is given other slots.
    """
    return slots[int.from_bytes(digest[:8]) * len(slots) >> 64]


def are_apart(times: Sequence[time]) -> bool:
    """Whether there is enough time between any two slots, over midnight too."""
    minutes = sorted(60 * each.hour + each.minute for each in times)
    gaps = [
        (later - earlier - 1) % (24 * 60) + 1
        for earlier, later in zip(minutes, minutes[1:] + minutes[:1], strict=True)
    ]
    return all(timedelta(minutes=gap) >= APART for gap in gaps)
