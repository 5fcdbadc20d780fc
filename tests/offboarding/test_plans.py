"""Departure plans: what a leaver's row holds, and how."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from forum.circles.mask_schedule import Daily
from forum.offboarding.plans import SIZE, Name, Plan

DAY, START = timedelta(days=1), datetime(2026, 3, 2, 7, tzinfo=UTC)
ROTA = [Daily(ZoneInfo("Europe/London"), (time(7), time(19)))]


def test_a_name_that_stays_has_no_slots():
    stays = Name(uuid4())
    goes = stays.to_go(START, START + 3 * DAY)

    assert (stays.goes, stays.slots(ROTA)) == (False, [])
    assert goes.goes
    assert goes.slots(ROTA)[0] >= START
    assert goes.slots(ROTA)[-1] <= START + 3 * DAY
    assert goes.to_go(START + DAY, START + 9 * DAY) == goes


def test_a_name_shows_no_seed():
    assert "seed" not in repr(Name(uuid4()))


def test_all_plans_have_one_size_or_are_refused():
    def plan(count):
        names = tuple(Name(uuid4(), first=START, last=START + DAY) for _ in range(count))
        return Plan(uuid4(), names, START, date(2026, 6, 1))

    assert {len(plan(count).to_json()) for count in (0, 1, 2)} == {SIZE}
    assert Plan.from_json(plan(2).to_json()).names[0].first == START
    with pytest.raises(ValueError, match=str(SIZE)):
        plan(100).to_json()


def test_after_the_purge_only_pending_names_remain():
    short, long = (Name(uuid4(), first=START, last=START + days * DAY) for days in (1, 9))
    names = (short, long, Name(uuid4()))
    plan = Plan(uuid4(), names, START, date(2026, 6, 1)).without_place(START + 2 * DAY)

    assert plan.place_id is None
    assert plan.names == (long,)
    at_its_end = Plan(uuid4(), names, START, date(2026, 6, 1)).without_place(START + DAY)
    assert at_its_end.names == (long,)


def test_every_plan_has_one_size():
    """Fails when the size of a row tells how many names go, and how."""
    assert SIZE == 511  # two blocks of 256, with the byte that ends the padding
