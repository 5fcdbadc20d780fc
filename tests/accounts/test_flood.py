"""A flood of strangers at the sign-in page makes others slower, and shuts nobody out."""

import re
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tests.accounts.people import is_in, sign_in
from tests.accounts.test_enumeration import argon2_calls, seen
from tests.world import World

__all__ = ["argon2_calls"]  # a fixture

WRONG = "a wrong guess"
WAIT = re.compile(r"Please wait \d+ seconds|'Content-Length', '\d+'")
NETWORKS, EACH = 21, 30
QUIET = "198.51.100.7"
HEAVY = {"memory_cost": 65536, "time_cost": 6, "parallelism": 1}  # some tenths of a second


@pytest.fixture
def world(tmp_path):
    """With limits on, as in a real installation."""
    return World(tmp_path, RATELIMIT_ENABLED=True)


class Stranger:
    """A browser at a network, in which nobody signed in before."""

    def __init__(self, world, network):
        self._client, self._from = world.client(), {"REMOTE_ADDR": network}
        self._page = self._client.get("/sign-in")

    def guess(self, who):
        return sign_in(self._client, who, WRONG, at=self._page, environ=self._from)


def flood(world, networks=NETWORKS, each=EACH):
    """So many tries from each network, each for another address; gives the last one's browser."""
    for network in range(networks):
        stranger = Stranger(world, f"203.0.113.{network}")
        for number in range(each):
            stranger.guess(f"nobody{network}.{number}")
    return stranger


@pytest.mark.proof("E4")
def test_a_new_browser_gets_in_at_its_first_try_beside_a_flood(world):
    """Fails when the service's own bound shuts browsers out that nobody knows."""
    flooding = flood(world)
    refused = flooding.guess("ray")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60

    new = world.client()
    assert sign_in(new, "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303
    assert is_in(new)


def test_even_a_network_that_floods_has_a_try_left_each_minute(world):
    world.app.config |= {"SIGN_INS_ALL": "5 per hour", "SIGN_INS_SLOWED": "1 per second"}
    stranger = Stranger(world, QUIET)
    met = [stranger.guess(f"nobody{n}").status_code for n in range(20)]
    assert met[:5] == [422] * 5
    assert 429 in met

    sleep(1)
    assert stranger.guess("nobody else").status_code == 422


def test_tries_that_reach_no_password_are_not_counted(world):
    """Fails when somebody who is told to wait uses up what their colleagues have."""
    impatient = Stranger(world, QUIET)
    met = [impatient.guess("fay").status_code for _ in range(60)]
    assert met.count(429) > 50

    assert sign_in(world.client(), "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303


def test_a_network_without_a_try_left_does_not_use_up_an_accounts_turn(world):
    """Fails when a refused try makes the account's owner wait."""
    world.app.config["SIGN_INS_A_NETWORK"] = "1 per minute"
    stranger = Stranger(world, "203.0.113.1")
    stranger.guess("nobody")
    assert {stranger.guess("ray").status_code for _ in range(5)} == {429}

    assert sign_in(world.client(), "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303


@pytest.mark.proof("E1")
def test_under_a_flood_no_answer_tells_whether_an_address_is_known(world, argon2_calls):
    """Fails when the limits ask first who it is."""
    world.app.config["SIGN_INS_ALL"] = "3 per hour"
    flood(world, networks=1, each=4)
    met = []
    for network, who in enumerate(("ray", "zed")):
        argon2_calls.clear()
        stranger = Stranger(world, f"192.0.2.{network}")
        first, second = stranger.guess(who), stranger.guess(f"x{who}")
        assert 0 < int(second.headers.pop("Retry-After")) <= 60
        assert [first.status_code, second.status_code] == [422, 429]
        shown = repr([seen(first, who), seen(second, f"x{who}")])
        met.append((WAIT.sub("", shown), list(argon2_calls)))

    assert met[0] == met[1]
    assert met[0][1] == ["verify_secret"]


@pytest.mark.proof("E4")
def test_a_known_browser_gets_in_while_strangers_fill_their_queue(world):
    """Fails when all wait for Argon2 in one queue."""
    home = world.client()
    sign_in(home, "ray")
    home.submit("/sign-out")
    strangers = [Stranger(world, f"203.0.113.{n}") for n in range(14)]
    late = Stranger(world, QUIET)
    world.app.config["PASSWORD_COST"] = HEAVY  # what an unknown address costs from now on

    with ThreadPoolExecutor(len(strangers)) as pool:
        guesses = [pool.submit(each.guess, f"nobody{n}") for n, each in enumerate(strangers)]
        while not any(each.done() for each in guesses):
            sleep(0.01)
        turned_away = late.guess("nobody")
        known = sign_in(home, "ray")
        waiting = sum(not each.done() for each in guesses)
    met = [each.result().status_code for each in guesses]

    assert turned_away.status_code == 503
    assert known.status_code == 303
    assert waiting >= 3
    assert met.count(503) >= 5
    assert met.count(422) >= 5
