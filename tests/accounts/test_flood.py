"""A flood of strangers slows sign-in down, and locks nobody out."""

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
    """World with rate limits on, as in production."""
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
def test_a_new_browser_signs_in_during_a_flood(world):
    """Fails when the service limit locks unknown browsers out."""
    flooding = flood(world)
    refused = flooding.guess("ray")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60

    new = world.client()
    assert sign_in(new, "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303
    assert is_in(new)


def test_a_flooding_network_keeps_a_try_a_minute(world):
    world.app.config |= {"SIGN_INS_ALL": "5 per hour", "SIGN_INS_SLOWED": "1 per second"}
    stranger = Stranger(world, QUIET)
    met = [stranger.guess(f"nobody{n}").status_code for n in range(20)]
    assert met[:5] == [422] * 5
    assert 429 in met

    sleep(1)
    assert stranger.guess("nobody else").status_code == 422


def test_tries_without_password_check_are_not_counted(world):
    """Fails when refused tries use up the limit of colleagues."""
    impatient = Stranger(world, QUIET)
    met = [impatient.guess("fay").status_code for _ in range(60)]
    assert met.count(429) > 50

    assert sign_in(world.client(), "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303


def test_a_refused_network_leaves_the_accounts_wait(world):
    """Fails when a refused try makes the account's owner wait."""
    world.app.config["SIGN_INS_A_NETWORK"] = "1 per minute"
    stranger = Stranger(world, "203.0.113.1")
    stranger.guess("nobody")
    assert {stranger.guess("ray").status_code for _ in range(5)} == {429}

    assert sign_in(world.client(), "ray", environ={"REMOTE_ADDR": QUIET}).status_code == 303


@pytest.mark.proof("E1")
def test_a_flood_reveals_no_known_address(world, argon2_calls):
    """Fails when limits are checked only for known addresses."""
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
def test_a_known_browser_bypasses_the_strangers_queue(world):
    """Fails when all callers of Argon2 share one queue."""
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
