from socket import create_server
from time import time
from uuid import UUID

import pytest

from forum.core.errors import Busy, TooMany
from forum.web import limits
from tests.world import PASSWORD, World

RAY, FAY = UUID(int=1), UUID(int=2)


@pytest.fixture
def counting(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    with world.app.test_request_context():
        yield world


def test_a_limit_counts_per_member_and_purpose(counting):
    for _ in range(3):
        limits.take("posts", "3 per hour", RAY)
    with pytest.raises(TooMany) as refused:
        limits.take("posts", "3 per hour", RAY)

    assert 0 < refused.value.wait <= 3600
    limits.take("posts", "3 per hour", FAY)
    limits.take("exports", "3 per hour", RAY)


def test_each_of_several_limits_holds(counting):
    limits.take("posts", "5 per hour; 1 per day", RAY)
    with pytest.raises(TooMany) as refused:
        limits.take("posts", "5 per hour; 1 per day", RAY)

    assert refused.value.wait <= 86400


def test_a_members_limit_does_not_tell_since_when_it_counts(counting, monkeypatch):
    """Fails when "Retry-After" tells to the second when somebody's first hidden post of the day was
    written, to whoever posts at their open screen until they are refused."""
    limits.take("masked posts", "1 per day", RAY)
    later = time() + 3600
    monkeypatch.setattr(limits, "time", lambda: later)
    with pytest.raises(TooMany) as refused:
        limits.take("masked posts", "1 per day", RAY)

    assert refused.value.wait == 86400


def counters():
    """Counters by their keys, in memory or in Redis."""
    kept = limits._limiter().storage.storage
    return (
        dict(kept) if isinstance(kept, dict) else {key: kept.get(key) for key in kept.scan_iter()}
    )


def test_no_counter_identifies_a_member(counting):
    limits.take("posts", "3 per hour", RAY)
    limits.take_from_network("sign-in", "3 per hour")

    kept = counters()

    assert len(kept) == 2
    for plain in (str(RAY), RAY.hex, "posts", "127.0.0.1"):
        assert plain not in repr(kept)


def test_a_failing_counter_refuses_everyone(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI="redis://127.0.0.1:1/0")
    with world.app.test_request_context(), pytest.raises(Busy):
        limits.take("posts", "3 per hour", RAY)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("203.0.113.7:51234", "203.0.113.7", True),
        ("203.0.113.7:51234", "203.0.113.8:51234", False),
        ("[2001:db8::1]:443", "2001:db8::2", True),
        ("[2001:db8::1]", "2001:db8:1::1", False),
        ("[fe80::1%eth0]:443", "fe80::2", True),
        ("unknown", "_hidden", True),
        ("unknown", "", True),
        ("unknown", "203.0.113.7.9:1", True),
        ("unknown", "::", False),
    ],
)
def test_addresses_group_into_networks(counting, one, other, same):
    networks = set()
    for address in (one, other):
        with counting.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            networks.add(limits._network())

    assert (len(networks) == 1) == same


@pytest.mark.parametrize(
    "told", ["203.0.113.7:51234", "[2001:db8::1]:443", "unknown", "_hidden", "", "a, b", "[", ":"]
)
def test_sign_in_works_with_any_proxy_address(tmp_path, told):
    """Fails when an address with a port, or no address, is an error."""
    world = World(tmp_path, RATELIMIT_ENABLED=True, TRUSTED_PROXIES=1)
    client = world.client()
    fields = client.tokens("/sign-in") | {"email": "ray@example.org", "password": PASSWORD}
    answer = client.post("/sign-in", data=fields, headers={"X-Forwarded-For": told})

    assert answer.status_code == 303


def test_a_limited_view_sends_retry_after(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    view = world.app.view_functions["accounts.change_password"]
    counted = limits.limited("2 per hour")(view)
    counted.meant_for = view.meant_for
    world.app.view_functions["accounts.change_password"] = counted
    ray, fay = world.client("ray"), world.client("fay")

    met = [ray.get("/account/password") for _ in range(3)]

    assert [answer.status_code for answer in met] == [200, 200, 429]
    assert 0 < int(met[2].headers["Retry-After"]) <= 3600
    assert fay.get("/account/password").status_code == 200


def test_text_beyond_a_limit_is_returned(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    with world.app.test_request_context():
        for _ in range(30):
            limits.take("posts", "30 per hour", world.ids["ray"])
    client = world.client("ray")
    composer = client.get(f"{world.thread}/answer").location
    typed = {"body": "dose <5 µg, then wait", "do": "own_name"}
    sent = client.post(composer, data=client.tokens(composer) | typed)

    assert sent.status_code == 429
    assert 0 < int(sent.headers["Retry-After"]) <= 3600
    assert "dose &lt;5 µg, then wait</textarea>" in sent.text


def test_a_silent_redis_holds_no_request_for_long(tmp_path, monkeypatch):
    """Fails when a press waits for Redis with its circle locked until the database ends it."""
    monkeypatch.setattr(limits, "ANSWERS_WITHIN", 0.2)
    with create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        world = World(
            tmp_path, REDIS_URL=address, RATELIMIT_STORAGE_URI=address, RATELIMIT_ENABLED=True
        )
        with world.app.test_request_context(), pytest.raises(Busy):
            limits.take("posts", "3 per hour", RAY)
