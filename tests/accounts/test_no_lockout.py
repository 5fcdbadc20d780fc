"""Guessing slows strangers, and never the owner's own browser."""

from datetime import timedelta
from os import environ
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from forum.accounts.models import KnownDevice
from forum.core.db import db
from forum.mail.models import OutgoingMail
from tests.accounts.people import cookie, is_in, sign_in
from tests.accounts.second_factors import give_code, sign_in_with, with_app
from tests.world import PASSWORD, World

WRONG = "a wrong guess"
GUESSES = 10_000 if environ.get("PROOF") else 300


@pytest.fixture
def world(tmp_path):
    """World with rate limits on, as in production."""
    return World(tmp_path, RATELIMIT_ENABLED=True)


def guess(client, page, password=WRONG, who="ray"):
    return sign_in(client, who, password, at=page)


def test_each_wrong_password_lengthens_the_wait(world):
    client = world.client()
    page = client.get("/sign-in")
    waits = []
    for _ in range(3):
        assert guess(client, page).status_code == 422
        refused = guess(client, page)
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        said = "one second" if waits[-1] == 1 else f"{waits[-1]} seconds"
        assert f"Please wait {said}, then try again." in refused.text
        sleep(waits[-1])

    assert waits == [1, 2, 4]


def test_only_a_known_browser_tells_that_an_address_signed_in_there(world):
    """As the threat model says: its owner must get in while strangers wait. Fails when the wait of
    any other browser tells of an address.
    """
    ward = world.client()
    sign_in(ward, "ray")
    ward.submit("/sign-out")
    met = {}
    for who in ("ray", "fay", "zed"):  # known there; known elsewhere; unknown
        home = world.client()
        page = home.get("/sign-in")
        first = [guess(home, page, who=who).status_code for _ in range(2)]
        met[who] = [*first, guess(ward, ward.get("/sign-in"), who=who).status_code]

    assert met == {"ray": [422, 429, 422], "fay": [422, 429, 429], "zed": [422, 429, 429]}


def test_the_right_password_waits_and_tells_no_guesser(world):
    """Fails when the owner's sign-in ends the wait of whoever guesses: they would learn that the
    address has an account, and when its owner came.
    """
    guesser, owner = world.client(), world.client()
    page, own = guesser.get("/sign-in"), owner.get("/sign-in")
    guess(guesser, page)
    assert guess(owner, own, PASSWORD).status_code == 429
    sleep(1)
    assert guess(owner, own, PASSWORD).status_code == 303

    sleep(2)
    answers = [guess(guesser, page) for _ in range(2)]
    assert [each.status_code for each in answers] == [422, 429]
    assert answers[1].headers["Retry-After"] == "2"  # after a second wrong password


@pytest.mark.proof("E4")
def test_wrong_codes_from_elsewhere_do_not_hinder_the_owner(world, figure):
    """Fails when known browsers share the wait of strangers who have the password."""
    app, _codes = with_app(world)
    world.moment += timedelta(minutes=2)
    known = world.client()
    assert sign_in_with(known, "ray", app.digits()).status_code == 303
    world.moment += timedelta(minutes=2)
    client = world.client()
    step, begun = sign_in(client, "ray"), monotonic()
    met = [give_code(client, step, "123").status_code for _ in range(GUESSES)]

    assert met[:5] == [422] * 5
    assert set(met) == {422, 429}
    assert met[5:].count(422) <= (monotonic() - begun) / 60  # one a minute
    assert give_code(client, step, app.digits()).status_code == 429
    assert int(give_code(client, step, "123").headers["Retry-After"]) <= 60  # no day is used up
    known.submit("/sign-out")
    assert sign_in_with(known, "ray", app.digits()).status_code == 303
    figure(f"{GUESSES} wrong codes from elsewhere, and the owner's known browser got in")


def test_an_unknown_address_waits_as_long(world):
    met = []
    for who in ("ray", "zed"):
        client = world.client()
        page = client.get("/sign-in")
        answers = [guess(client, page, who=who) for _ in range(2)]
        met.append([(each.status_code, each.headers.get("Retry-After")) for each in answers])

    assert met[0] == met[1]


@pytest.mark.parametrize("networks", ["one", "many"])
@pytest.mark.proof("E4")
def test_no_lockout(world, networks):
    """Fails when a known browser shares the wait of unknown ones (seen from many networks), or
    counts towards its network (seen from one).
    """
    if networks == "many":
        world.app.config |= dict.fromkeys(
            ("SIGN_INS_A_NETWORK", "SIGN_INS_ALL"), "9999999 per hour"
        )
    home, elsewhere = world.client(), world.client()
    sign_in(home, "ray")
    home.submit("/sign-out")
    page = elsewhere.get("/sign-in")
    met = {guess(elsewhere, page, f"guess number {n}").status_code for n in range(GUESSES)}
    assert met == {422, 429}
    while guess(elsewhere, page).status_code == 429:  # until a wait of seconds has just begun
        sleep(0.1)

    assert sign_in(home, "ray").status_code == 303
    assert is_in(home)
    assert guess(elsewhere, page, PASSWORD).status_code == 429


def test_a_device_is_known_only_to_its_users(world):
    home, elsewhere = world.client(), world.client()
    sign_in(home, "fay")
    home.submit("/sign-out")
    guess(elsewhere, elsewhere.get("/sign-in"))
    assert sign_in(home, "ray").status_code == 429
    sleep(1)
    assert sign_in(home, "ray").status_code == 303
    shared = cookie(home, "d").value
    home.submit("/sign-out")

    guess(elsewhere, elsewhere.get("/sign-in"))
    assert sign_in(home, "ray").status_code == 303
    assert cookie(home, "d").value == shared


def test_signing_in_again_leaves_no_trace_in_the_device_row(world):
    """Fails when the copies of many nights are a diary of a browser's signing in."""
    home, seen = world.client(), []
    for days in (0, 1, 30, 13, 1):
        world.moment += timedelta(days=days)
        sign_in(home, "fay")
        home.submit("/sign-out")
        with world.app.app_context():
            seen.append(db.session.execute(select(KnownDevice.__table__)).one())

    assert seen[:4] == [seen[0]] * 4
    assert seen[4] != seen[0]  # towards its end, and so it never ends for whoever comes back


def test_guessing_on_a_known_device_waits(world):
    home = world.client()
    sign_in(home, "ray")
    home.submit("/sign-out")
    page = home.get("/sign-in")

    assert [guess(home, page).status_code for _ in range(2)] == [422, 429]


def test_a_double_press_is_not_refused(world):
    client, again = world.client(), world.client()
    page = client.get("/sign-in")
    again.set_cookie("s", cookie(client).value)

    assert guess(client, page, PASSWORD).status_code == 303
    assert guess(again, page, PASSWORD).status_code == 303
    assert guess(client, page, PASSWORD).location == "/"


def test_a_network_cannot_try_many_accounts(world):
    world.app.config["SIGN_INS_A_NETWORK"] = "5 per minute"
    client = world.client()
    page = client.get("/sign-in")
    met = [guess(client, page, who=f"number{n}").status_code for n in range(7)]

    assert met == [422] * 5 + [429] * 2
    away = sign_in(world.client(), "ray", environ={"REMOTE_ADDR": "192.0.2.7"})
    assert away.status_code == 303


def test_confirming_a_password_waits_after_failures(world):
    client = world.client("ray")
    page = client.tokens("/account/confirm")
    fields = page | {"password": "a wrong guess"}
    met = [client.post("/account/confirm", data=fields) for _ in range(2)]

    assert [answer.status_code for answer in met] == [422, 429]
    assert "Retry-After" in met[1].headers


def test_reset_links_of_an_address_are_few_and_every_answer_alike(world):
    """Fails when a refusal tells whoever types an address that its owner asked for a link."""
    world.app.config["MAIL_SERVER"] = "127.0.0.1"
    client = world.client()
    fields = client.tokens("/password/forgotten") | {"email": "ray@example.org"}
    met = {client.post("/password/forgotten", data=fields).data for _ in range(5)}
    with world.app.app_context():
        letters = db.session.scalars(select(OutgoingMail)).all()

    assert len(met) == 1
    assert len(letters) == 3


@pytest.mark.parametrize("uri", ["redis://127.0.0.1:1/0"])
def test_a_failing_counter_blocks_sign_in(tmp_path, uri):
    world = World(tmp_path, RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI=uri)
    answer = sign_in(world.client(), "ray")

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
