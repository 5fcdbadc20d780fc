"""No response reveals whether an address is known."""

import sys

import pytest

from forum.accounts import passwords
from forum.accounts.queries import member_by_address
from forum.core.db import db, unit_of_work
from tests.accounts.people import hidden, sign_in
from tests.blanking import blank
from tests.postoffice import PostOffice
from tests.world import PASSWORD, transactions_of

KNOWN, UNKNOWN = "ray", "zed"


@pytest.fixture
def argon2_calls():
    """Calls of Argon2, counted by a spy that still runs it."""
    calls = []

    def look(frame, event, argument):
        if event == "call" and frame.f_code.co_name in ("hash_secret", "verify_secret"):
            calls.append(frame.f_code.co_name)

    sys.setprofile(look)
    yield calls
    sys.setprofile(None)


def seen(answer, who):
    """All parts of a response visible to a stranger."""
    headers = sorted((name, value) for name, value in answer.headers if name != "Set-Cookie")
    return answer.status_code, headers, blank(answer.text).replace(who, "somebody")


@pytest.mark.proof("E1")
def test_enumeration(world, argon2_calls):
    """Fails when nothing is hashed for an unknown account."""
    met = []
    for who in (KNOWN, UNKNOWN):
        argon2_calls.clear()
        answer = sign_in(world.client(), who, "wrong altogether")
        met.append((seen(answer, who), list(argon2_calls)))

    assert met[0] == met[1]
    assert met[0][1] == ["verify_secret"]


@pytest.mark.parametrize("form", ["today", "before"])
def test_one_try_costs_one_hash(world, argon2_calls, form):
    """Fails when several forms of a password are tried, or an old hash is renewed before the
    response.
    """
    with world.app.app_context(), unit_of_work():
        ray = member_by_address("ray@example.org")
        if form == "before":
            ray.password_hash = passwords._hasher().hash("a long ﬁne evening")
        else:
            ray.password_hash = passwords.hashed("a long ﬁne evening")
    tried = []
    for password in ("wrong altogether", "a long ﬁne evening", "a long ﬁne evening"):
        argon2_calls.clear()
        sign_in(world.client(), "ray", password)
        tried.append([*argon2_calls])

    renewal = ["hash_secret"] if form == "before" else []
    assert tried == [["verify_secret"], ["verify_secret", *renewal], ["verify_secret"]]
    assert sign_in(world.client(), "ray", "a long fine evening").status_code == 303


def test_sign_in_runs_equal_statements(world):
    with world.app.app_context():
        engine = db.engine
    asked = []
    for who in (KNOWN, UNKNOWN):
        client = world.client()
        page = client.get("/sign-in")
        with transactions_of(engine) as transactions:
            sign_in(client, who, "wrong altogether", at=page)
        asked.append(transactions[0])  # what follows is done once the answer is out

    assert asked[0] == asked[1]
    assert len(asked[0]) > 1


@pytest.mark.parametrize("mail", [True, False], ids=["mail on", "mail off"])
@pytest.mark.proof("E1")
def test_reset_requests_get_equal_answers(world, argon2_calls, mail):
    met = []
    with PostOffice() as office:
        if mail:
            office.serves(world)
        for who in (KNOWN, UNKNOWN):
            client = world.client()
            page = client.get("/password/forgotten")
            fields = hidden(page) | {"email": f"{who}@example.org"}
            if not mail:
                fields |= client.tokens("/sign-in")
            met.append(seen(client.post("/password/forgotten", data=fields), who))

    assert met[0] == met[1]
    assert met[0][0] == 200
    assert argon2_calls == []


def test_a_used_address_is_not_revealed(world):
    met = []
    with PostOffice() as office:
        office.serves(world)
        for who in ("fay", UNKNOWN):
            client = world.client("ray")
            fields = {"address": f"{who}@example.org", "password": PASSWORD}
            page = client.tokens("/account/address")
            answer = client.post("/account/address", data=page | fields)
            met.append((seen(answer, who), seen(client.get(answer.location), who)))

    assert met[0] == met[1]
