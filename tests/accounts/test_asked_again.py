"""What asks for a password, passkey or code again, and what for a factor of five minutes."""

from datetime import timedelta

import pytest

from tests.accounts.authenticator import make, sign_in_by
from tests.accounts.people import hidden, sign_in
from tests.accounts.second_factors import sign_in_with, with_app

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TEN, FIVE = 10 * MINUTE, 5 * MINUTE
ROSE = "/circles/{rose}"
TEN_MINUTES = (  # own masks, drafts that hide, export, leaving for good
    *(f"{ROSE}/your-words", "/hidden-names", "/drafts/hidden", f"{ROSE}/threads/{{thread}}/copy"),
    *("/account/words", "/account/delete", "/account/emergency"),
)
PRESSES = (
    "/account/sessions/end-others",
    f"/account/sessions/{'0' * 8}-0000-4000-8000-{'0' * 12}/end",
)
FIVE_MINUTES = ("/account/lock/app/off", "/account/lock/codes")  # changing factors


def at(world, path):
    return path.format(rose=world.ids["rose"], thread=world.ids["thread"])


def asks(answer):
    """True for a page that asks again, and for the way there."""
    way = (answer.location or "").partition("?")[0]
    return answer.status_code == 401 or way in ("/account/confirm", "/account/lock/confirm")


@pytest.fixture
def ray(world):
    """A browser in which Ray gave password and digits just now."""
    app, _codes = with_app(world)
    world.moment += 2 * MINUTE
    client = world.client()
    assert sign_in_with(client, "ray", app.digits()).status_code == 303
    return client


@pytest.mark.proof("E5")
def test_private_pages_ask_again_after_ten_minutes(world, ray, figure):
    """Fails when one of them opens to whoever finds a browser signed in eleven minutes ago."""
    pages = [at(world, path) for path in TEN_MINUTES]
    world.moment += TEN
    opened = [path for path in pages if not asks(ray.get(path))]
    world.moment += SECOND
    shut = [path for path in pages if asks(ray.get(path))]
    pressed = [path for path in PRESSES if asks(ray.submit(path))]

    assert opened == shut == pages
    assert pressed == [*PRESSES]
    figure(f"{len(shut) + len(pressed)} private pages ask again")


@pytest.mark.proof("E5")
def test_changing_factors_asks_again_after_five_minutes(world, ray):
    """Fails when a password just given, or a factor of six minutes, changes second factors."""
    world.moment += FIVE
    opened = [path for path in FIVE_MINUTES if not asks(ray.get(path))]
    world.moment += SECOND
    confirm = ray.get("/account/confirm")
    ray.post("/account/confirm", data=hidden(confirm) | {"password": "a long evening in March"})

    assert opened == [*FIVE_MINUTES]
    assert ray.get("/account/words").status_code == 200
    assert [path for path in FIVE_MINUTES if asks(ray.get(path))] == [*FIVE_MINUTES]
    assert asks(ray.submit("/account/lock/app"))


def test_signing_in_by_a_passkey_opens_private_pages_without_a_password(world):
    phone, _page = make(world.client("ray"))
    client = world.client()
    sign_in_by(client, phone)

    for path in (*TEN_MINUTES, "/account/lock/codes"):
        answer = client.get(at(world, path))
        assert answer.status_code == 200, path
        assert 'type="password"' not in answer.text, path


def test_an_address_changes_after_a_passkey_without_a_password(world):
    """Fails when a factor given just now is not enough, or one of six minutes is."""
    phone, _page = make(world.client("ray"))
    client = world.client()
    sign_in_by(client, phone)
    asked = client.get("/account/address").text
    fields = client.tokens("/account/address") | {"address": "elsewhere@example.org"}
    world.moment += FIVE + SECOND
    late = client.post("/account/address", data=fields)
    sign_in_by(other := world.client(), phone)
    fields = other.tokens("/account/address") | {"address": "elsewhere@example.org"}

    assert 'type="password"' not in asked
    assert late.status_code == 422
    assert other.post("/account/address", data=fields).status_code == 303


def test_a_known_device_still_needs_the_factor(world):
    """Fails when a browser that was met before is taken for a second factor."""
    app, _codes = with_app(world)
    client = world.client()
    for _time in range(2):
        world.moment += 2 * MINUTE
        step = sign_in(client, "ray", device="own")
        assert client.get("/account").status_code != 200
        client.post("/sign-in/code", data=hidden(step) | {"digits": app.digits()})
        assert client.get("/account").status_code == 200
        client.submit("/sign-out")
