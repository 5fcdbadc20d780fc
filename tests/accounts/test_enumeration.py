"""No answer tells whether an address is known."""

import sys
from statistics import median
from time import perf_counter

import pytest

from forum.accounts import passwords
from forum.accounts.queries import member_by_address
from forum.core.db import unit_of_work
from tests.accounts.people import hidden, sign_in
from tests.postoffice import PostOffice
from tests.world import PASSWORD, TOKEN

KNOWN, UNKNOWN = "ray", "zed"


@pytest.fixture
def argon2_calls():
    """How often Argon2 is asked, by looking on: nothing is put in its place."""
    calls = []

    def look(frame, event, argument):
        if event == "call" and frame.f_code.co_name in ("hash_secret", "verify_secret"):
            calls.append(frame.f_code.co_name)

    sys.setprofile(look)
    yield calls
    sys.setprofile(None)


def seen(answer, who):
    """All that a stranger can look at."""
    headers = sorted((name, value) for name, value in answer.headers if name != "Set-Cookie")
    return answer.status_code, headers, TOKEN.sub("", answer.text).replace(who, "somebody")


def test_signing_in_answers_alike_and_works_as_hard(world, argon2_calls):
    met = []
    for who in (KNOWN, UNKNOWN):
        argon2_calls.clear()
        answer = sign_in(world.client(), who, "wrong altogether")
        met.append((seen(answer, who), list(argon2_calls)))

    assert met[0] == met[1]
    assert met[0][1] == ["verify_secret"]


def test_signing_in_takes_alike_long(world):
    """With a real price, so that the rest hardly counts."""
    world.app.config["PASSWORD_COST"] = {"memory_cost": 8192, "time_cost": 2, "parallelism": 1}
    with world.app.app_context():
        dear = passwords.hashed(PASSWORD)
        with unit_of_work():
            member_by_address("ray@example.org").password_hash = dear
    times = {KNOWN: [], UNKNOWN: []}
    for _ in range(15):
        for who, taken in times.items():
            client = world.client()
            page = client.get("/sign-in")
            begun = perf_counter()
            sign_in(client, who, "wrong altogether", at=page)
            taken.append(perf_counter() - begun)

    known, unknown = median(times[KNOWN]), median(times[UNKNOWN])
    assert abs(known - unknown) < 0.35 * max(known, unknown)


@pytest.mark.parametrize("mail", [True, False], ids=["mail on", "mail off"])
def test_forgetting_a_password_answers_alike(world, argon2_calls, mail):
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


def test_asking_for_somebody_elses_address_answers_like_any_other(world):
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
