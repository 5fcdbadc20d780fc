from datetime import timedelta

import pytest

from forum.accounts import links
from forum.accounts.models import Member, Purpose
from forum.accounts.owner_keys import SESSIONS
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from tests.world import TOKEN


@pytest.fixture
def lee(world):
    return world.client("lee")


def press(client, act, address):
    url = "/service/accounts"
    return client.post(url, data=client.tokens(url) | {"act": act, "address": address})


def signs_in(world, who):
    return world.client(who).get("/search").status_code == 200


def test_suspension_lasts_until_restored(world, lee):
    ray = world.client("ray")
    with world.app.app_context(), unit_of_work():
        life = timedelta(hours=1)
        assert SESSIONS.rows(account(world.ids["ray"]))
        secret = links.issue(Purpose.RESET_PASSWORD, life, member_id=world.ids["ray"])

    press(lee, "suspend", " Ray@Example.org ")

    assert ray.get("/search").location.startswith("/sign-in?next=")
    assert signs_in(world, "pru")
    with world.app.app_context():
        assert not SESSIONS.rows(account(world.ids["ray"]))
        with pytest.raises(NotFound):
            links.find(secret, Purpose.RESET_PASSWORD)
    press(lee, "restore", "ray@example.org")
    assert signs_in(world, "ray")


@pytest.mark.parametrize("act", ["suspend", "restore"])
def test_suspending_reveals_no_known_address(world, act):
    pages = []
    for address in ("ray@example.org", "nobody@example.org"):
        client = world.client("lee")
        answer = press(client, act, address)
        page = client.get(answer.location).text
        pages.append((answer.status_code, answer.data, TOKEN.sub("", page)))

    assert pages[0] == pages[1]


def test_the_lead_cannot_suspend_themselves(world, lee):
    answer = press(lee, "suspend", "LEE@example.org")

    assert answer.status_code == 422
    assert "That is your own account, so it cannot be suspended here." in answer.text
    with world.app.app_context():
        assert not db.session.get(Member, world.ids["lee"]).is_suspended


@pytest.mark.parametrize(("act", "address"), [("shout", "ray@example.org"), ("suspend", " ")])
def test_invalid_requests_get_an_error_text(world, lee, act, address):
    answer = press(lee, act, address)

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert signs_in(world, "ray")
