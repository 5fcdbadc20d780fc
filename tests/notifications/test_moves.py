"""Digests across moves between time zones, and beside damaged rows."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from forum.accounts import sessions
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.mail import outbox as mail
from forum.notifications import digests
from forum.notifications.digests import Told
from forum.notifications.email_preferences import (
    EmailPreferences,
    due_digest_time,
    first_digest_time,
    next_digest_time,
)
from forum.notifications.models import MailPlan
from tests.notifications.post import arrived, make_ready, ring
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import MORNING

DAY, HOUR, QUARTER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
ZONES = [
    *("Pacific/Kiritimati", "Pacific/Chatham", "Pacific/Auckland", "Asia/Kolkata", "Europe/London"),
    *("America/St_Johns", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Pago_Pago"),
]
BEGIN = datetime(2026, 3, 28, 5, tzinfo=UTC)  # clocks change in the night after
QUARTERS = 4 * 24 * 6
ROSE = ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]


def lived(preferences, moves):
    """Digests of a member with news every quarter of an hour, as (moment, zone).

    moves: quarter -> zone.
    """
    zone, last, sent = ZoneInfo("Europe/London"), None, []
    due = next_digest_time(preferences, BEGIN, zone).moment
    for quarter in range(QUARTERS):
        now = BEGIN + quarter * QUARTER
        if quarter in moves:
            zone = ZoneInfo(moves[quarter])
            due = first_digest_time(preferences, now, zone).moment
        if due <= now:
            digest_time = due_digest_time(preferences, now, zone)
            due = next_digest_time(preferences, now, zone).moment
            told = Told(day="", moment=last.isoformat() if last else "")
            if digest_time and digest_time.day.isoformat() > told.day_in(zone):
                last = digest_time.moment
                sent.append((last, zone))
    return sent


@given(
    st.dictionaries(st.integers(0, QUARTERS - 4 * 49), st.sampled_from(ZONES), max_size=6),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
)
@settings(deadline=None, max_examples=200)
@example({20: "Pacific/Auckland", 60: "Pacific/Honolulu", 170: "Pacific/Auckland"}, time(7, 15))
@example({10: "Pacific/Kiritimati", 110: "Pacific/Pago_Pago"}, time(0))
def test_moves_lose_and_double_no_digest(moves, at):
    """Fails when the day of the last digest is kept in the zone of then."""
    sent = lived(EmailPreferences(at=at), moves)

    for (before, _), (then, zone) in pairwise(sent):
        assert then.astimezone(zone).date() > before.astimezone(zone).date()
    moments = [BEGIN, *(moment for moment, _ in sent), BEGIN + QUARTERS * QUARTER]
    moved = [BEGIN + quarter * QUARTER for quarter in moves]
    for before, then in pairwise(moments):
        between = [each for each in moved if before < each <= then]
        if before != BEGIN and not between:
            assert then - before <= 25 * HOUR  # daily, and a changed clock
        assert (
            then - max([before, *between]) <= 49 * HOUR
        )  # the day of arrival may have had its own


@pytest.fixture
def office(world):
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        ring(world)
        for who in ROSE:
            world.client(who).get(world.thread)
        yield office


def move(world, who, zone):
    client = world.client(who)
    page = client.tokens("/account")
    return client.post("/account/timezone", data=page | {"timezone": zone}).status_code


def hours_of_digests(world, office, who, hours):
    got, start = [], world.moment
    for hour in range(hours):
        world.moment = start + hour * HOUR + QUARTER
        ring(world)
        if who in arrived(world, office):
            got.append(hour)
    return got


def test_a_digest_follows_its_member_to_another_zone(world, office):
    """The next 07:15 in Auckland is at 18:15 UTC today; in London it is tomorrow."""
    world.reply("ray", "One")
    assert move(world, "ivy", "Pacific/Auckland") == 303

    assert hours_of_digests(world, office, "ivy", 60) == [8]


def test_a_digest_that_left_today_is_not_doubled_by_a_move(world, office):
    world.reply("ray", "One")
    world.moment = MORNING.replace(hour=7, minute=15) + DAY
    ring(world)
    assert "ivy" in arrived(world, office)
    world.reply("ray", "Two")
    move(world, "ivy", "America/New_York")
    world.reply("ray", "Three")

    assert hours_of_digests(world, office, "ivy", 48) == [29]  # 07:15 there, the day after


def test_a_record_of_earlier_releases_still_holds_its_day():
    told = Told.from_json('["2026-03-02 07:00", [], [], "2026-03-02", "x"]')

    assert (told.day_in(UTC), told.last) == ("2026-03-02", None)
    assert Told.from_json(told.to_json()) == told


@pytest.mark.parametrize("damage", ["wishes", "told", "zone", "address"])
def test_a_damaged_row_stops_nobody_else(world, office, damage, caplog):
    world.reply("ray", "One")
    with world.app.app_context():
        statement = {
            "wishes": "UPDATE mail_plan SET wishes = :damaged WHERE id = :id",
            "told": "UPDATE mail_plan SET told = :damaged WHERE id = :id",
            "zone": "UPDATE member SET timezone = 'Atlantis/Capital' WHERE id = :id",
            "address": "UPDATE member SET address = :damaged WHERE id = :id",
        }[damage]
        db.session.execute(text(statement), {"id": world.ids["ivy"].hex, "damaged": b"\0"})
        db.session.commit()
    world.moment = MORNING.replace(hour=7, minute=15) + DAY
    ring(world)

    others = [who for who in ROSE if who not in ("ivy", "ray")]
    came = arrived(world, office)
    assert [who for who in came if who not in ("ivy", "ray")] == others
    assert ("ivy" in came) is (damage == "zone")  # London is UTC in March
    assert ("digests: a plan failed" in caplog.text) is (damage != "zone")
    with world.app.app_context():
        plan = db.session.get(MailPlan, world.ids["ivy"])
        assert plan.digest_at > world.moment


def test_a_damaged_plan_stops_no_email_at_sending(world, office, caplog):
    world.reply("ray", "One")
    world.moment = MORNING.replace(hour=7, minute=15) + DAY
    make_ready(world)
    with world.app.app_context():
        statement = text("UPDATE mail_plan SET wishes = :damaged WHERE id = :id")
        db.session.execute(statement, {"id": world.ids["ivy"].hex, "damaged": b"\0"})
        db.session.commit()
        mail.send_due(digests.leaves_at)

    assert "ivy" not in (came := arrived(world, office))
    assert {"mo", "joe", "kit"} <= set(came)
    assert "mail: " in caplog.text


def test_an_unknown_zone_is_told_to_its_member(world):
    client = world.client("ivy")
    assert "no longer knows the time zone" not in client.get("/account").text
    with world.app.app_context(), unit_of_work():
        account(world.ids["ivy"]).timezone = "Atlantis/Capital"
        db.session.flush()
        sessions.update_account(world.ids["ivy"])

    page = Page(client.get("/account"))
    assert "no longer knows the time zone Atlantis/Capital" in page.text
    assert client.get(world.thread).status_code == 200
    assert client.get("/account/mail").status_code == 200
