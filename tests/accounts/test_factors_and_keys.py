"""A second factor between two steps: taken away in another tab, or under keys that changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.accounts import second_factors
from forum.accounts.queries import account, sessions_of
from forum.core.db import unit_of_work
from forum.operations import rotation
from tests.accounts.people import hidden, is_in, sign_in
from tests.accounts.second_factors import CODES, KEY, App, give_code, with_app

MINUTE, UTC = timedelta(minutes=1), ZoneInfo("UTC")
NBSP = "\N{NO-BREAK SPACE}"
WIDE = {
    **{ord(str(n)): chr(0xFF10 + n) for n in range(10)},
    **{ord("A") + n: chr(0xFF21 + n) for n in range(26)},
}


@pytest.fixture
def ray(world):
    found = with_app(world)
    world.moment += 2 * MINUTE
    return found


def rotated(world):
    """The same installation under new root keys, in a new process."""
    with world.app.app_context():
        rotation.rotate(lambda *_: None)
    world.restart()
    world.cookies.clear()


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.replace(" ", NBSP),
        lambda code: code.translate(WIDE),
        lambda code: f"  {code.lower()}\t",
        lambda code: code.replace("O", "0").replace("I", "1"),
    ],
)
def test_a_recovery_code_is_read_however_it_is_typed(world, ray, typed):
    client = world.client()

    assert (
        give_code(client, sign_in(client, "ray"), "", recovery=typed(ray[1][0])).status_code == 303
    )


def test_an_app_taken_away_between_the_steps_leaves_a_password_that_asks_anew(world, ray):
    """Fails when a session says that it was opened by digits of an app that is gone."""
    client = world.client()
    step = sign_in(client, "ray")
    with world.app.test_request_context(), unit_of_work():
        second_factors.take_away_app(world.ids["ray"])
    answer = give_code(client, step, ray[0].digits())

    assert answer.status_code == 303
    with world.app.app_context():
        member = account(world.ids["ray"])
        assert {each.factor for each in sessions_of(member.id, UTC)} == {""}


@pytest.mark.parametrize("race", range(4))
def test_taking_it_away_and_signing_in_at_once_leave_one_truth(world, ray, race):
    """Fails when a session outlives a factor that was taken away while it began."""
    app, _codes = ray
    clients = [world.client() for _ in range(4)]
    steps = [sign_in(client, "ray") for client in clients]

    def take_away():
        with world.app.test_request_context(), unit_of_work():
            second_factors.take_all_away(world.ids["ray"])

    acts = [
        take_away,
        *(
            lambda c=c, s=s: give_code(c, s, app.digits())
            for c, s in zip(clients, steps, strict=True)
        ),
    ]
    with ThreadPoolExecutor(len(acts)) as pool:
        found = [each.result() for each in [pool.submit(act) for act in acts]][1:]

    assert {each.status_code for each in found} <= {303, 422, 429, 503}
    with world.app.app_context():
        member = account(world.ids["ray"])
        assert not second_factors.has_any(member)
        assert {each.factor for each in sessions_of(member.id, UTC)} <= {""}


def test_keys_changed_between_password_and_digits_lose_nothing(world, ray):
    client = world.client()
    step = sign_in(client, "ray")
    rotated(world)
    other = world.client()
    fields = hidden(sign_in(other, "ray")) | {"first": hidden(step)["first"]}

    assert other.post("/sign-in/code", data=fields | {"digits": ray[0].digits()}).status_code == 303
    assert is_in(other)


def test_keys_changed_while_an_app_is_added_lose_nothing(world):
    page = world.client("ray").submit("/account/lock/app")
    key = KEY.search(page.text)[1]
    rotated(world)
    client = world.client("ray")
    fields = hidden(client.submit("/account/lock/app")) | {"setup": hidden(page)["setup"]}
    shown = client.post("/account/lock/app", data=fields | {"digits": App(world, key).digits()})

    assert len(CODES.findall(shown.text)) == 8


def test_used_digits_stay_used_when_keys_change(world, ray):
    """Fails when a rotation makes a used code new again."""
    digits = ray[0].digits()
    client = world.client()
    assert give_code(client, sign_in(client, "ray"), digits).status_code == 303
    rotated(world)
    other = world.client()

    assert give_code(other, sign_in(other, "ray"), digits).status_code == 422
