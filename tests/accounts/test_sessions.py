import json
import re
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zlib import decompress

import pytest
from sqlalchemy import text

from forum.accounts import authentication, services
from forum.accounts.owner_keys import SESSIONS
from forum.accounts.queries import SessionContent, account
from forum.core.db import db, unit_of_work
from forum.core.tokens import digest
from tests.accounts.people import cookie, hidden, is_in, sign_in
from tests.rows import dump
from tests.world import PASSWORD, transactions_of

NEW = "otters asleep in the reeds"
TIMED = {"session", "known_device", "one_time_link", "account_event"}
HALF_AN_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def held(client):
    """Content of the signed cookie."""
    payload = cookie(client).value.rpartition(".")[0].rpartition(".")[0]
    packed = payload.startswith(".")
    plain = urlsafe_b64decode(payload.lstrip(".") + "==")
    return json.loads(decompress(plain) if packed else plain)


def rows(world, who="ray"):
    with world.app.app_context():
        return SESSIONS.rows(account(world.ids[who]))


def content(world, row):
    with world.app.app_context():
        return SessionContent.from_json(row.whose)


@pytest.mark.parametrize(
    ("device", "idle", "life"), [("shared", HALF_AN_HOUR, 12 * HOUR), ("own", 7 * DAY, 30 * DAY)]
)
@pytest.mark.proof("E2")
def test_sessions(world, device, idle, life):
    """Fails when the idle time or the absolute end is ignored."""
    client = world.client()
    sign_in(client, "ray", device=device)
    began = world.moment
    while world.moment + idle < began + life:
        world.moment += idle
        assert is_in(client)
    world.moment = began + life - SECOND
    assert is_in(client)
    world.moment += SECOND
    assert not is_in(client)

    world.moment, client = began, world.client()
    sign_in(client, "ray", device=device)
    world.moment += idle + SECOND
    assert not is_in(client)


def test_operators_may_forbid_own_devices(world):
    world.app.config["OWN_DEVICE_ALLOWED"] = False
    client = world.client()
    assert "My own phone or computer" not in client.get("/sign-in").text
    sign_in(client, "ray", device="own")

    assert [content(world, row).own_device for row in rows(world)] == [False]
    assert cookie(client).expires is None


@pytest.mark.parametrize("device", ["shared", "own"])
def test_the_cookie_outlives_own_browsers_only(world, device):
    client = world.client()
    answer = sign_in(client, "ray", device=device)
    [kept] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("s=")]

    assert ("Expires=" in kept) == (device == "own")
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert "Path=/" in kept


def test_the_cookie_is_signed_by_sha_256(world):
    """Fails when the cookie is signed as Flask does by itself, by SHA-1."""
    client = world.client()
    sign_in(client, "ray")
    signature = cookie(client).value.rsplit(".", 1)[1]

    assert len(urlsafe_b64decode(signature + "=")) == 32


def test_production_cookies_are_secure_and_host_only(world):
    world.app.config |= {
        "SESSION_COOKIE_NAME": "__Host-s",
        "DEVICE_COOKIE_NAME": "__Host-d",
        "SESSION_COOKIE_SECURE": True,
    }
    client = world.app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    assert page.headers["Set-Cookie"].startswith("__Host-s=")
    assert "; Secure" in page.headers["Set-Cookie"]
    assert "Domain" not in page.headers["Set-Cookie"]


@pytest.mark.proof("E2")
def test_the_database_stores_digests_and_days(world):
    """Fails when the token itself is stored."""
    client = world.client()
    sign_in(client, "ray")
    [row] = rows(world)

    assert row.token_digest == digest(held(client)["token"])
    assert content(world, row).began_at == world.moment.replace(minute=0)
    with world.app.app_context():
        for table in db.metadata.tables:
            stored = repr(db.session.execute(text(f"SELECT * FROM {table}")).all())
            assert held(client)["token"] not in stored
            assert cookie(client, "d").value not in stored


@pytest.mark.proof("E2")
def test_sign_in_clears_the_cookie(world):
    """Fails when earlier content of the cookie is not cleared."""
    client = world.client()
    with client.session_transaction() as session:
        session |= {"token": "planted", "search": "planted", "csrf_token": "planted"}
    client.get("/sign-in")
    sign_in(client, "ray")

    assert "planted" not in repr(held(client))
    assert held(client).keys() >= {"token", "busy", "given_at"}


def test_a_repeated_sign_in_leaves_one_session(world):
    client = world.client()
    sign_in(client, "ray")
    first = held(client)["token"]
    page = client.get("/account/password")  # a page with a token, since /sign-in leads home
    sign_in(client, "ray", at=page)

    assert len(rows(world)) == 1
    assert held(client)["token"] != first


def test_a_sixth_session_ends_the_oldest(world):
    clients = []
    for _ in range(6):
        clients.append(world.client())
        sign_in(clients[-1], "ray", device="own")
        world.moment += HOUR

    assert [is_in(client) for client in clients] == [False] + [True] * 5


@pytest.mark.proof("E2")
def test_signing_out_deletes_the_session_row(world):
    """Fails when only the cookie is emptied."""
    client, thief = world.client(), world.client()
    sign_in(client, "ray")
    thief.set_cookie("s", cookie(client).value)
    assert is_in(thief)
    known = cookie(client, "d").value
    answer = client.submit("/sign-out")

    assert not is_in(thief)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert cookie(client) is None
    assert cookie(client, "d").value == known
    assert rows(world) == []


def test_the_idle_time_updates_once_a_minute(world):
    client = world.client()
    sign_in(client, "ray")
    client.get("/account")
    world.moment += 59 * SECOND
    assert "Set-Cookie" not in client.get("/account").headers
    world.moment += SECOND
    assert "Set-Cookie" in client.get("/account").headers


@pytest.mark.parametrize("who", ["ray", None])
def test_a_404_sets_no_cookie(world, who):
    client = world.client(who)
    world.moment += HOUR
    answer = client.get("/circles/00000000-0000-4000-8000-000000000000/")

    assert answer.status_code == (404 if who else 303)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Cookie"


@pytest.mark.parametrize("change", ["suspend", "forge", "cut", "other key", "empty"])
def test_an_invalid_cookie_signs_nobody_in(world, change):
    client = world.client()
    sign_in(client, "ray")
    value = cookie(client).value
    match change:
        case "suspend":
            with world.app.app_context(), unit_of_work():
                services.suspend("ray@example.org")
        case "forge":
            client.set_cookie("s", value[:-2] + ("AA" if value[-2:] != "AA" else "BB"))
        case "cut":
            client.set_cookie("s", value[:40])
        case "other key":
            world.app.secret_key = b"another"
        case "empty":
            client.set_cookie("s", "")

    assert not is_in(client)


def test_a_suspended_account_cannot_sign_in(world):
    client = world.client()
    sign_in(client, "ray")
    with world.app.app_context(), unit_of_work():
        services.suspend("ray@example.org")

    assert not is_in(client)
    assert sign_in(client, "ray").status_code == 422
    with world.app.app_context(), unit_of_work():
        services.restore("RAY@example.org ")
    assert sign_in(client, "ray").status_code == 303


def test_members_manage_only_their_own_sessions(world):
    here, there, elsewhere = (world.client() for _ in range(3))
    sign_in(here, "ray")
    sign_in(there, "ray", device="own")
    sign_in(elsewhere, "ray")
    fay = world.client()
    sign_in(fay, "fay")
    page = here.get("/account").text
    assert page.count("A shared or work computer, since Monday 2 March") == 2
    assert page.count("Your own device, since Monday 2 March") == 1
    assert page.count("This device") == 1
    [own] = [row for row in rows(world) if content(world, row).own_device]
    [fays] = rows(world, "fay")

    here.submit(f"/account/sessions/{fays.id}/end")
    assert is_in(fay)
    here.submit(f"/account/sessions/{own.id}/end")
    assert [is_in(each) for each in (here, there, elsewhere)] == [True, False, True]
    here.submit("/account/sessions/end-others")
    assert [is_in(each) for each in (here, there, elsewhere)] == [True, False, False]
    assert is_in(fay)


def test_confirming_the_password_renews_the_token(world):
    client, thief = world.client(), world.client()
    sign_in(client, "ray")
    thief.set_cookie("s", cookie(client).value)
    client.post("/account/confirm", data=client.tokens("/account/confirm") | {"password": PASSWORD})

    assert is_in(client)
    assert not is_in(thief)


def test_loading_the_session_costs_one_statement(world):
    client = world.client("ray")
    with world.app.app_context():
        engine = db.engine
    with transactions_of(engine) as transactions:
        client.get("/account/password")

    [[statement, _of_the_page]] = transactions
    assert "FROM session" in statement
    assert "member" not in statement


def test_rows_with_times_name_no_account(world):
    client = world.client()
    sign_in(client, "ray", "wrong altogether")
    sign_in(client, "ray")
    with world.app.app_context():
        with unit_of_work():
            services.reset_link("ray@example.org")
        kept = dump()
    lines = [line for line in kept.splitlines() if world.ids["ray"].hex in line.lower()]
    tables = {re.search(r'INSERT INTO "(\w+)"', line)[1] for line in lines}

    assert all(f'INTO "{table}"' in kept for table in TIMED)
    assert tables.isdisjoint(TIMED)


@pytest.mark.parametrize("late", ["sign in", "change password"])
def test_a_reset_defeats_a_concurrent_thief(world, monkeypatch, late):
    thief = world.client()
    sign_in(thief, "ray")
    page = "/account/password" if late == "change password" else "/sign-in"
    client = thief if late == "change password" else world.client()
    sent = hidden(client.get(page))
    with world.app.app_context(), unit_of_work():
        link = services.reset_link("ray@example.org")
    checked = authentication.passwords.matches

    def reset():
        owner_of, page = world.client(), link.removeprefix("http://localhost")
        owner_of.post(page, data=hidden(owner_of.get(page)) | {"password": NEW})

    def quicker(*given):
        """The owner's reset is done once the thief's password was found to fit."""
        fits = checked(*given)
        monkeypatch.setattr(authentication.passwords, "matches", checked)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(reset).result()
        return fits

    monkeypatch.setattr(authentication.passwords, "matches", quicker)
    typed = {"email": "ray@example.org", "device": "shared", "old_password": PASSWORD}
    typed["password"] = "kestrels over the motorway" if late == "change password" else PASSWORD
    answer = client.post(page, data=sent | typed)

    assert answer.status_code in {303, 422}
    assert not is_in(client)
    assert not is_in(thief)
    owner_of = world.client()
    sign_in(owner_of, "ray", NEW)
    assert is_in(owner_of)


def test_only_expired_rows_are_purged(world):
    client = world.client()
    sign_in(client, "ray", device="own")
    sign_in(client, "ray", "wrong altogether", at=client.get("/account/password"))
    with world.app.app_context(), unit_of_work():
        services.reset_link("ray@example.org")
    counts = []
    for days in (0, 1, 30, 60):
        world.moment += days * DAY
        with world.app.app_context(), unit_of_work():
            counts.append(services.purge())

    assert counts == [0, 1, 2, 2]  # the link; then what happened; device and the session's far day
