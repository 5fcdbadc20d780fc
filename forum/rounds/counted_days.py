"""Counted days of a round: a circle's morning slots, without its rest days and weekends.

Time is local wall time, so three days from seven in the morning end at seven in the morning, also
across a clock change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, Protocol

DAY = timedelta(days=1)
NOTHING = timedelta()
SATURDAY = 5  # as date.weekday counts
AHEAD = 3660  # days looked into for an end, before the rests are called endless
ENDLESS = "no counted morning within ten years: are there rests without end?"


class DailySlots(Protocol):
    """Slots of each day, valid from a moment (UTC) until another. times: local."""

    @property
    def zone(self) -> tzinfo: ...
    @property
    def times(self) -> Sequence[time]: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...
    def after(self, moment: datetime) -> Iterator[datetime]:
        """The slots of the next three days after a moment, in order, UTC."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Local days, both included, during which a circle's clocks stop.

    Set for future days only, and ended early by its last day: past counted days must not become
    rest days, or phases already over would reopen.
    """

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Weekends:
    """Whether Saturdays and Sundays count, from a local day on. Set for future days only."""

    since: date
    counted: bool


class Slot(NamedTuple):
    """A slot: moment in UTC, and zone."""

    moment: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class CountedDays:
    """A circle's slots and rests.

    rota: every set of daily slots since the round began, in order; the last without end. weekends:
    earliest first; before the first, weekends do not count. An instance caches mornings.
    """

    rota: Sequence[DailySlots]
    rests: Sequence[Rest] = ()
    weekends: Sequence[Weekends] = ()
    _mornings_of: dict[date, Slot | None] = field(default_factory=dict, repr=False, compare=False)
    _counted: dict[tuple[date, bool], bool] = field(default_factory=dict, repr=False, compare=False)
    _walls: dict[Slot, datetime] = field(default_factory=dict, repr=False, compare=False)

    def next_slot(self, moment: datetime) -> datetime:
        """The first slot after a moment, rest day or not."""
        return min(slot for daily in self.rota for slot in daily.after(moment))

    def next_morning(self, moment: datetime) -> datetime:
        """The first slot of a later day after a moment, rest day or not."""
        day = moment.astimezone(self._zone(moment)).date() - DAY
        return next(slot.moment for slot in self._mornings(day) if slot.moment > moment)

    def morning_of(self, day: date) -> datetime:
        """The first morning slot on a local day, or on the next counted day."""
        return next(
            slot.moment for slot in self._mornings(day) if self._counts(_day(slot), weekends=True)
        )

    def rests_on(self, moment: datetime) -> bool:
        """True on a rest day."""
        day = moment.astimezone(self._zone(moment)).date()
        return any(rest.first <= day <= rest.last for rest in self.rests)

    def elapsed(self, begin: datetime, end: datetime, *, weekends: bool = False) -> timedelta:
        """Counted wall time between two moments. weekends: always count them."""
        return self._elapsed(begin, Slot(end, self._zone(end)), weekends)

    def end(
        self, since: datetime, need: timedelta, used: timedelta = NOTHING, *, weekends: bool = False
    ) -> datetime:
        """The first morning slot by which `need` counted time has elapsed; never on a rest day.

        used: counted time before `since`. weekends: always count them.
        """
        whole = max(need - used, NOTHING).days
        first = since.astimezone(self._zone(since)).date() + max(whole - 1, 0) * DAY
        for slot in self._mornings(first):
            if slot.moment <= since or not self._counts(_day(slot), weekends):
                continue
            if used + self._elapsed(since, slot, weekends) >= need:
                return slot.moment
        raise LookupError(ENDLESS)

    def end_of(self, since: datetime, need: timedelta) -> datetime:
        """The moment, at the hour of `since`, by which `need` counted time has elapsed.

        need: whole days.
        """
        zone = self._zone(since)
        local = since.astimezone(zone).replace(tzinfo=None) + need
        for ahead in range(AHEAD):
            day = local + ahead * DAY
            moment = day.replace(tzinfo=zone).astimezone(UTC)
            if self._counts(day.date(), weekends=False) and self.elapsed(since, moment) >= need:
                return moment
        raise LookupError(ENDLESS)

    def _mornings(self, day: date) -> Iterator[Slot]:
        """The first slot of each local day, from `day` on."""
        for ahead in range(AHEAD):
            if slot := self._morning(day + ahead * DAY):
                yield slot
        raise LookupError(ENDLESS)

    def _morning(self, day: date) -> Slot | None:
        """The first slot of a local day; None if the slot times change within the day."""
        if day not in self._mornings_of:
            slots = [
                Slot(moment, daily.zone)
                for daily in self.rota
                for moment in (_moment(day, each, daily.zone) for each in daily.times)
                if daily.since <= moment < daily.until
            ]
            self._mornings_of[day] = min(slots, key=lambda slot: slot.moment, default=None)
        return self._mornings_of[day]

    def _counts(self, day: date, weekends: bool) -> bool:
        known = self._counted.get((day, weekends))
        if known is None:
            known = self._counted[day, weekends] = self._is_counted(day, weekends)
        return known

    def _is_counted(self, day: date, weekends: bool) -> bool:
        if any(rest.first <= day <= rest.last for rest in self.rests):
            return False
        if weekends or day.weekday() < SATURDAY:
            return True
        held = [each.counted for each in self.weekends if each.since <= day]
        return bool(held) and held[-1]

    def _elapsed(self, begin: datetime, end: Slot, weekends: bool) -> timedelta:
        start, stop = self._wall(Slot(begin, end.zone)), self._wall(end)
        counted, day, last = stop - start, start.date(), stop.date()
        while day <= last:
            if not self._counts(day, weekends):
                midnight = datetime.combine(day, time.min)
                counted -= max(min(stop, midnight + DAY) - max(start, midnight), NOTHING)
            day += DAY
        return max(counted, NOTHING)

    def _wall(self, slot: Slot) -> datetime:
        """Local time without zone; for a slot moved by a clock change, its nominal time."""
        if slot not in self._walls:
            local = slot.moment.astimezone(slot.zone)
            times = [each for daily in self.rota if daily.zone == slot.zone for each in daily.times]
            moved = [
                each for each in times if _moment(local.date(), each, slot.zone) == slot.moment
            ]
            at = moved[0] if moved else local.time()
            self._walls[slot] = datetime.combine(local.date(), at)
        return self._walls[slot]

    def _zone(self, moment: datetime) -> tzinfo:
        """The circle's zone at a moment."""
        held = [daily.zone for daily in self.rota if daily.since <= moment < daily.until]
        return held[0] if held else self.rota[-1].zone


def _moment(day: date, each: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, each, zone).astimezone(UTC)


def _day(slot: Slot) -> date:
    return slot.moment.astimezone(slot.zone).date()
