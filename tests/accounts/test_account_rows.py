"""Rows of an account are found through its secret alone, and limited in number."""

from collections import Counter
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from forum.accounts import links, services
from forum.accounts.models import AccountEvent, EventKind, KnownDevice, Member, Purpose, Session
from forum.accounts.owner_keys import DEVICES, EVENTS, LINKS, RINGS, SESSIONS
from forum.accounts.queries import account, sessions_of
from forum.core.db import db, unit_of_work
from tests.accounts.people import cookie, is_in, sign_in
from tests.world import MORNING, PASSWORD, World

DAY = timedelta(days=1)


def rows(world, ring, who="ray"):
    with world.app.app_context():
        return ring.rows(account(world.ids[who]))


def everything(world, table):
    with world.app.app_context():
        return db.session.scalars(select(table)).all()


def happen(world, kind=EventKind.SIGNED_IN, who="ray"):
    with world.app.app_context(), unit_of_work():
        services.note(world.ids[who], kind)


@pytest.mark.proof("M2")
def test_account_rows_share_no_value(world):
    """Fails when a table gets a column that identifies the account, even keyed."""
    for who in ("ray", "ray", "fay"):
        sign_in(world.client(), who, "wrong altogether")
        sign_in(world.client(), who)
        with world.app.app_context(), unit_of_work():
            services.reset_link(f"{who}@example.org")
        world.moment += DAY
    with world.app.app_context():
        values = Counter(
            value
            for ring in RINGS
            for row in db.session.execute(select(ring.table.__table__)).mappings().all()
            if ring in (SESSIONS, DEVICES, EVENTS, LINKS[Purpose.RESET_PASSWORD])
            for value in row.values()
            if not isinstance(value, date | datetime | str)
        )

    assert len(values) > 20
    assert set(values.values()) == {1}


def test_rows_hold_only_the_day_of_sign_in(world):
    """Fails when the last day of a session is counted from its hour."""
    said = []
    for hour in (1, 23):
        world.moment = MORNING.replace(hour=hour)
        sign_in(world.client(), "ray")
        [row] = rows(world, SESSIONS)
        [device] = rows(world, DEVICES)
        [event] = rows(world, EVENTS)
        said.append((row.ends_on, device.expires_on, event.day))
        with world.app.app_context(), unit_of_work():
            services.sessions.end_all(world.ids["ray"])
            services.known_devices.forget_all(world.ids["ray"])

    assert said[0] == said[1]
    assert said[0][2] == MORNING.date()
    for table in ("session", "known_device", "account_event"):
        with world.app.app_context():
            types = {str(column.type) for column in db.metadata.tables[table].columns}
        assert types <= {"CHAR(32)", "BLOB", "DATE"}


@pytest.mark.parametrize(("days", "more"), [(1, 0), (59, 0), (60, 60)])
def test_a_repeated_sign_in_extends_the_device_row_near_its_end_alone(world, days, more):
    client = world.client()
    sign_in(client, "ray")
    [before] = rows(world, DEVICES)
    client.submit("/sign-out")
    world.moment += days * DAY
    sign_in(client, "ray")
    [after] = rows(world, DEVICES)

    assert (after.id, after.token_digest) == (before.id, before.token_digest)
    assert after.expires_on == before.expires_on + more * DAY


def test_no_id_of_a_session_is_a_diary(world):
    """Fails when a month's signing in and giving the password uses a few ids again and again, so
    that nightly copies tell which of these days were one member's.
    """
    seen, client = Counter(), world.client()
    for _day in range(20):
        world.moment += DAY
        sign_in(client, "ray")
        [first] = rows(world, SESSIONS)
        confirm = "/account/confirm"
        client.post(confirm, data=client.tokens(confirm) | {"password": PASSWORD})
        [second] = rows(world, SESSIONS)
        seen.update({first.id, second.id})
        assert first.id != second.id
        client.submit("/sign-out")

    assert len(seen) > 20  # of 40 drawn


def test_no_day_of_a_session_follows_it_over_its_ids(world):
    """Fails when sessions begun on several days of a month, on one's own device, bear days of their
    own, so that nightly copies tell which ids were one after the other one browser's.
    """
    clients, nights, confirm = {}, [], "/account/confirm"
    world.moment += 10 * DAY
    for who in ("ray", "fay", "kit"):
        clients[who] = world.client()
        sign_in(clients[who], who, device="own")
        world.moment += DAY
    sign_in(world.client(), "ivy")  # on a shared computer
    for who, days in (("ray", 4), ("kit", 6), ("ray", 6), ("fay", 6)):
        world.moment += days * DAY
        for client in clients.values():
            assert is_in(client)
        typed = clients[who].tokens(confirm) | {"password": PASSWORD}
        assert clients[who].post(confirm, data=typed).status_code == 303
        with world.app.app_context():
            nights.append({row.id: row.ends_on for row in db.session.scalars(select(Session))})

    assert {*nights[2].values()} == {date(2026, 5, 31)}
    assert {nights[3][each] for each in {*nights[3]} - {*nights[2]}} == {date(2026, 6, 30)}
    assert [*map(len, nights)] == [4] * 4


@pytest.mark.parametrize(("device", "days"), [("shared", 1), ("own", 30)])
def test_a_session_is_over_after_its_own_last_day_whatever_the_row_says(world, device, days):
    """Fails when the far day that a row bears in clear lets a session live longer."""
    sign_in(world.client(), "ray", device=device)
    [row] = rows(world, SESSIONS)
    listed = []
    for more in (days, 1):
        world.moment += more * DAY
        with world.app.app_context():
            listed.append(len(sessions_of(world.ids["ray"], ZoneInfo("UTC"))))

    assert listed == [1, 0]
    assert row.ends_on > world.moment.date()


def test_a_sixth_session_ends_the_oldest(world):
    for _ in range(6):
        world.moment += DAY / 24
        sign_in(world.client(), "ray")

    assert len(rows(world, SESSIONS)) == 5


@pytest.mark.proof("M2")
def test_a_device_cookie_reveals_no_row(world):
    """Fails when the digest of a browser needs no key."""
    client = world.client()
    sign_in(client, "ray")
    secret = cookie(client, "d").value
    [row] = rows(world, DEVICES)

    tried = [secret, f"{world.ids['ray']}|{secret}"]
    assert row.token_digest not in [sha256(each.encode()).digest() for each in tried]


def test_a_21st_device_replaces_the_oldest(world):
    first = world.client()
    sign_in(first, "ray")
    [oldest] = [row.token_digest for row in rows(world, DEVICES)]
    for _ in range(20):
        world.moment += DAY
        sign_in(world.client(), "ray")

    assert len(everything(world, KnownDevice)) == 20
    assert len(rows(world, DEVICES)) == 20
    assert oldest not in {row.token_digest for row in rows(world, DEVICES)}


def test_a_61st_event_replaces_the_oldest(world):
    for _ in range(7):
        for kind in EventKind:
            happen(world, kind)
            happen(world, kind)  # once a day
        world.moment += DAY

    kept = rows(world, EVENTS)
    assert len(kept) == len(everything(world, AccountEvent)) == 60
    first_day = [row for row in kept if row.day == MORNING.date()]
    assert len(first_day) == 60 - 6 * len(EventKind)


def test_a_fifth_link_ends_the_oldest(world):
    with world.app.app_context():
        made = []
        for _ in range(5):
            with unit_of_work():
                life, ray = services.LINK_LIFE, world.ids["ray"]
                made.append(links.issue(Purpose.RESET_PASSWORD, life, member_id=ray))
            world.moment += timedelta(minutes=1)

    alive = [world.client().get(f"/password/reset/{secret}").status_code for secret in made]
    assert alive == [410] + [200] * 4


def test_an_old_account_draws_its_secret_once(world):
    with world.app.app_context():
        db.session.execute(text("UPDATE member SET secret = NULL"))
        db.session.execute(text("DELETE FROM session"))
        db.session.commit()
    client = world.client()
    sign_in(client, "ray")

    assert is_in(client)
    assert "You signed in." in client.get("/account").text
    with world.app.app_context():
        secrets = {who: db.session.get(Member, world.ids[who]).secret for who in ("ray", "fay")}
    assert len(secrets["ray"]) == 32
    assert secrets["fay"] == b""
    client.submit("/account/sessions/end-others")
    assert is_in(client)
    with world.app.app_context(), unit_of_work():
        services.sessions.end_all(world.ids["ray"])
    assert not is_in(client)


def test_drawing_a_secret_keeps_pending_changes(world):
    """Fails when drawing a secret refreshes the whole row, which loses pending changes."""
    with world.app.app_context():
        db.session.execute(text("UPDATE member SET secret = NULL"))
        db.session.commit()
        with unit_of_work():
            account(world.ids["ray"]).timezone = "Asia/Tokyo"
            services.note(world.ids["ray"], EventKind.SIGNED_IN)

        assert account(world.ids["ray"]).timezone == "Asia/Tokyo"
        assert len(account(world.ids["ray"]).secret) == 32


def test_accounts_without_secrets_share_no_rows(world):
    """Fails when rows are written at the ids derived from NO_SECRET."""
    with world.app.app_context():
        db.session.execute(text("UPDATE member SET secret = NULL"))
        db.session.commit()
    for who in ("ray", "fay"):
        sign_in(world.client(), who)

    assert len(everything(world, Session)) == 2
    assert [len(rows(world, SESSIONS, who)) for who in ("ray", "fay", "mo")] == [1, 1, 0]


def test_deleting_an_account_deletes_its_rows(world):
    sign_in(world.client(), "sol")
    with world.app.app_context():
        with unit_of_work():
            services.reset_link("sol@example.org")
        with unit_of_work():
            services.forget(world.ids["sol"])

    for table in {ring.table for ring in RINGS}:
        assert everything(world, table) == []


def test_links_for_any_holder_have_no_owner(tmp_path):
    world = World(tmp_path)
    with world.app.app_context():
        with unit_of_work():
            secret = links.issue(Purpose.OPEN_CIRCLE, DAY)
        with unit_of_work():
            services.suspend("nobody@example.org")
            services.suspend("ray@example.org")
        assert links.find(secret, Purpose.OPEN_CIRCLE).member_id is None
