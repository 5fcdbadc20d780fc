"""Sign-in offers the kind of device that this browser was last time."""

import pytest

from tests.accounts.people import cookie, sign_in
from tests.page import Page
from tests.world import World


def offered(client):
    return Page(client.get("/sign-in")).field("device").value


@pytest.mark.parametrize("device", ["own", "shared"])
def test_the_last_kind_of_device_is_offered(world, device):
    client = world.client()
    assert offered(client) == "shared"
    sign_in(client, "ray", device=device)
    client.submit("/sign-out")
    assert offered(client) == device
    sign_in(client, "fay", device="shared")
    client.submit("/sign-out")

    assert offered(client) == "shared"


@pytest.mark.parametrize("value", ["", "x" * 43 + ".ours", ".own", "x" * 44 + ".own", "é" * 43])
def test_other_cookies_offer_a_shared_device(world, value):
    client = world.client()
    client.set_cookie("d", value)

    assert offered(client) == "shared"
    assert sign_in(client, "ray").status_code == 303
    assert cookie(client, "d").value.endswith(".shared")


def test_a_cookie_of_before_stays_known(world):
    client = world.client()
    sign_in(client, "ray")
    client.submit("/sign-out")
    secret, kind = cookie(client, "d").value.split(".")
    client.set_cookie("d", secret)
    sign_in(client, "ray", device="own")

    assert kind == "shared"
    assert cookie(client, "d").value == f"{secret}.own"


def test_no_own_device_is_offered_where_forbidden(tmp_path):
    world = World(tmp_path, OWN_DEVICE_ALLOWED=False)
    client = world.client()
    client.set_cookie("d", "x" * 43 + ".own")
    assert 'name="device"' not in client.get("/sign-in").text
    sign_in(client, "ray", device="own")

    assert cookie(client, "d").value.endswith(".shared")
    assert cookie(client).expires is None
