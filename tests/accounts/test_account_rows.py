"""Rows of an account are found through its secret alone, and limited in number."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import pairwise, product
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

import flask
import pytest
from sqlalchemy import delete, select, text

from forum.accounts import jobs as account_jobs
from forum.accounts import links, services
from forum.accounts.models import AccountEvent, EventKind, KnownDevice, Member, Purpose, Session
from forum.accounts.owner_keys import DEVICES, EVENTS, LINKS, NOBODY, RINGS, SESSIONS, STAYING
from forum.accounts.queries import SessionContent, SignedIn, account, sessions_of
from forum.accounts.second_factors import Factor
from forum.core.db import db, unit_of_work
from forum.worker import JOBS, run_due_jobs
from tests.accounts.people import cookie, is_in, sign_in
from tests.hosts import another_host, first_host
from tests.world import MORNING, PASSWORD, World

DAY = timedelta(days=1)
NIGHTLY = {
    "accounts.purged",
    "sessions.purged",
    "accounts.moved",
    "passkeys.sealed",
    "file.rebuilt",
}


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
            for ring in (SESSIONS, DEVICES, EVENTS):
                db.session.execute(delete(ring.table))

    assert said[0] == said[1]
    assert said[0][2] == MORNING.date()
    for table in ("session", "known_device", "account_event"):
        with world.app.app_context():
            types = {str(column.type) for column in db.metadata.tables[table].columns}
        assert types <= {"CHAR(32)", "BLOB", "DATE"}


@pytest.mark.parametrize(
    ("days", "until"), [(1, date(2026, 5, 31)), (44, date(2026, 5, 31)), (45, date(2026, 6, 30))]
)
def test_a_repeated_sign_in_extends_the_device_row_towards_its_end_alone(world, days, until):
    client = world.client()
    sign_in(client, "ray")
    [before] = rows(world, DEVICES)
    client.submit("/sign-out")
    world.moment += days * DAY
    sign_in(client, "ray")
    [after] = rows(world, DEVICES)

    assert (after.id, after.token_digest) == (before.id, before.token_digest)
    assert before.expires_on == date(2026, 5, 31)
    assert after.expires_on == until


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

    assert len(seen) > 12  # of 40, drawn 40 times: 25 on average


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


@pytest.mark.proof("M2")
@pytest.mark.parametrize("factor", ["", *Factor])
def test_every_session_has_one_size(world, factor):
    """Fails when a long time zone, or what an account is told of, makes its sessions longer: they
    would be followed over all their ids.
    """
    day, hour = date(2026, 12, 31), MORNING
    plain = (uuid4(), "UTC", False)
    full = (uuid4(), max(available_timezones(), key=len), True, day, True, True, True, hour)
    with world.app.app_context():
        sizes = {
            len(SessionContent(SignedIn(*account), own, hour, factor, ended).to_json())
            for account, own, ended in product((plain, full), (True, False), (True, False))
        }

    assert sizes == {450}


def test_a_sixth_session_ends_the_oldest(world):
    for _ in range(6):
        world.moment += DAY / 24
        sign_in(world.client(), "ray")

    with world.app.app_context():
        assert len(sessions_of(world.ids["ray"], ZoneInfo("UTC"))) == 5


def worker_runs(world):
    """The jobs that see to accounts, in the night after a day."""
    begins = time.fromisoformat(world.app.config["MAINTENANCE_AT"])
    zone = ZoneInfo(world.app.config["TIMEZONE"])
    world.moment = datetime.combine(world.moment.date() + DAY, begins, zone).astimezone(UTC)
    with world.app.app_context():
        run_due_jobs([job for job in JOBS if job.name in NIGHTLY])
    world.moment = world.moment.replace(hour=10)


def secret_of(world):
    with world.app.app_context():
        return account(world.ids["ray"]).secret


@pytest.mark.proof("M4")
def test_no_id_of_an_account_lasts_beyond_a_week(world):
    """Fails when an id comes round again, so that copies of many nights, or the days in one copy of
    browsers that keep no cookie, tell which of them were one account's.
    """
    nights = defaultdict(set)
    own = world.client()
    sign_in(own, "ray", device="own")
    for night in range(28):
        sign_in(world.client(), "ray")
        is_in(own)
        worker_runs(world)
        for table in (Session, KnownDevice, AccountEvent):
            for row in everything(world, table):
                nights[row.id].add(night)

    assert max(max(each) - min(each) for each in nights.values()) <= 7
    assert is_in(own)
    assert len(rows(world, DEVICES)) <= 28
    assert len({row.expires_on for row in rows(world, DEVICES)}) <= 2
    with world.app.app_context():
        assert 1 < len(sessions_of(world.ids["ray"], ZoneInfo("UTC"))) <= 5


@pytest.mark.proof("M4")
def test_ended_sessions_stay_to_their_own_last_day(world):
    """Fails when an ended session goes as the one that ended it comes, or together with others: in
    two copies of the database they would be one account's.
    """
    gone = set()
    for night in range(14):
        there = {row.token_digest for row in everything(world, Session)}
        sign_in(world.client(), "ray", device="own")
        gone |= {night} if there - {r.token_digest for r in everything(world, Session)} else set()
        worker_runs(world)

    assert gone == set()
    assert len(rows(world, SESSIONS)) == 14
    world.moment += 16 * DAY
    for left in (13, 12, 11):
        worker_runs(world)
        assert len(everything(world, Session)) == left


def test_rows_move_once_a_week_whichever_host_has_the_night(tmp_path, new_database):
    """Fails when each host knows of its own moves alone: two hosts would then move all twice."""
    here = first_host(tmp_path / "here", new_database)
    there = another_host(here, tmp_path / "there")
    secrets = [secret_of(here)]
    for host in (here, there, there, here):
        worker_runs(host)
        here.moment = there.moment = host.moment
        secrets.append(secret_of(host))
    for host in (here, there):
        host.close()

    assert [before != after for before, after in pairwise(secrets)] == [True, False, False, False]


def test_a_damaged_account_keeps_no_other_from_new_ids(world):
    sign_in(world.client(), "fay")
    [before] = rows(world, SESSIONS, "fay")
    with world.app.app_context(), unit_of_work():
        db.session.execute(
            text("UPDATE member SET secret = :bad WHERE id = :id"),
            {"bad": b"damaged", "id": world.ids["ray"].hex},
        )
    with world.app.app_context():
        account_jobs.move_rows()

    [after] = rows(world, SESSIONS, "fay")
    assert (after.id != before.id, after.token_digest) == (True, before.token_digest)


@pytest.mark.proof("M2")
def test_a_device_cookie_reveals_no_row(world):
    """Fails when the digest of a browser needs no key."""
    client = world.client()
    sign_in(client, "ray")
    secret = cookie(client, "d").value
    [row] = rows(world, DEVICES)

    tried = [secret, f"{world.ids['ray']}|{secret}"]
    assert row.token_digest not in [sha256(each.encode()).digest() for each in tried]


def test_a_21st_device_ends_the_oldest_within_a_week(world):
    first = world.client()
    sign_in(first, "ray")
    [oldest] = [row.expires_on for row in rows(world, DEVICES)]
    for days in range(20):
        world.moment += DAY if days % 4 == 0 else 2 * DAY
        sign_in(world.client(), "ray")
    before = Counter(row.expires_on for row in rows(world, DEVICES))
    with world.app.app_context():
        account_jobs.move_rows()

    after = Counter(row.expires_on for row in rows(world, DEVICES))
    assert before - after == {oldest: 1}  # of those of the first month, one
    assert len(everything(world, KnownDevice)) == len(rows(world, DEVICES)) == 20


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


def test_deleting_an_account_leaves_nothing_that_names_it(world):
    """Fails when a row goes on to name, to whoever holds the keys, an account that is gone."""
    sign_in(world.client(), "sol")
    with world.app.app_context():
        with unit_of_work():
            services.reset_link("sol@example.org")
        with unit_of_work():
            services.forget(world.ids["sol"])

    for table in {ring.table for ring in RINGS if ring not in STAYING}:
        assert everything(world, table) == []
    with world.app.app_context():
        [session] = db.session.scalars(select(Session))
        content = SessionContent.from_json(session.whose)
    assert (content.ended, content.account.id) == (True, NOBODY)


def test_links_for_any_holder_have_no_owner(tmp_path):
    world = World(tmp_path)
    with world.app.app_context():
        with unit_of_work():
            secret = links.issue(Purpose.OPEN_CIRCLE, DAY)
        with unit_of_work():
            services.suspend("nobody@example.org")
            services.suspend("ray@example.org")
        assert links.find(secret, Purpose.OPEN_CIRCLE).member_id is None


def test_a_missed_week_is_made_up_in_the_next_night(world):
    """Fails when a worker that stood still on a Monday leaves ids as they are for another week."""
    sign_in(world.client(), "ray", device="own")
    [before] = rows(world, SESSIONS)
    world.moment = MORNING + 2 * DAY  # Wednesday
    worker_runs(world)
    [moved] = rows(world, SESSIONS)
    worker_runs(world)
    [kept] = rows(world, SESSIONS)

    assert before.id != moved.id
    assert moved.id == kept.id  # once a week


def test_a_page_of_before_a_move_says_that_its_list_has_changed(world):
    """Fails when a press says that a device is signed out, and it is not."""
    other = world.client()
    sign_in(other, "ray", device="own")
    client = world.client("ray")
    addresses = [f"/account/sessions/{row.id}/end" for row in rows(world, SESSIONS)]
    with world.app.app_context():
        account_jobs.move_rows()

    for address in addresses:
        sent = client.post(address, data=client.tokens("/account"), follow_redirects=True)
        assert "This list has changed since you opened it." in sent.text
        assert "You signed out other devices." not in sent.text
    assert is_in(other)


def test_a_session_that_was_ended_relies_on_nothing(world):
    """Fails when a browser whose row stays, though it ended, counts as signed in for a write."""
    alive = []
    for newer in (4, 5):
        client = world.client()
        sign_in(client, "ray", device="own")
        for _ in range(newer):
            world.moment += DAY / 24
            sign_in(world.client(), "ray", device="own")
        with client.session_transaction() as session:
            kept = dict(session)
        with world.app.test_request_context():
            flask.session |= kept
            alive.append(services.sessions.is_alive())

    assert alive == [True, False]


@pytest.mark.proof("M4")
def test_an_account_that_goes_takes_no_row_along(world):
    """Fails when what vanishes with an account, or moves no more with all others, tells a thief of
    nightly copies in which browsers, and on which days, its owner signed in.
    """
    for who in ("sol", "ray", "sol"):
        sign_in(world.client(), who)
        world.moment += DAY
    client = world.client()
    sign_in(client, "sol", device="own")
    before, events = as_a_thief_sees(world)
    with world.app.app_context(), unit_of_work():
        services.forget(world.ids["sol"])

    assert as_a_thief_sees(world) == (before, events)
    assert not is_in(client)
    with world.app.app_context():
        account_jobs.move_rows()
    after, moved = as_a_thief_sees(world)
    assert after == before
    assert not events & moved
    world.moment += 100 * DAY
    with world.app.app_context(), unit_of_work():
        services.purge()
    assert not any(as_a_thief_sees(world)[0].values())


@pytest.mark.proof("M4")
@pytest.mark.parametrize("ending", ["end_all", "end_others"])
def test_sessions_that_end_together_do_not_go_together(world, ending):
    """Fails when the sessions that go as an account is to be deleted, or has another password, tell
    on which nights it signed in.
    """
    clients = [world.client() for _ in range(2)]
    for client in clients:
        sign_in(client, "ray", device="own")
        world.moment += DAY
    sign_in(world.client(), "fay", device="own")
    before, _events = as_a_thief_sees(world)
    with world.app.test_request_context(), unit_of_work():
        getattr(services.sessions, ending)(world.ids["ray"])

    assert as_a_thief_sees(world)[0] == before
    assert not any(map(is_in, clients))
    with world.app.app_context():
        account_jobs.move_rows()
    assert as_a_thief_sees(world)[0]["session"] == before["session"]


def as_a_thief_sees(world):
    """What lasts in clear of rows without an owner, by table; and the ids of events."""
    lasts = {Session: "token_digest", KnownDevice: "token_digest", AccountEvent: "day"}
    there = {table: everything(world, table) for table in lasts}
    found = {
        table.__tablename__: Counter(getattr(row, name) for row in there[table])
        for table, name in lasts.items()
    }
    return found, {row.id for row in there[AccountEvent]}
