import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts import services
from forum.accounts.models import KnownDevice
from forum.accounts.owner_keys import DEVICES
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.mail.outbox import send_due
from tests.accounts.people import hidden, is_in, sign_in
from tests.postoffice import PostOffice

NEW = "two hedgehogs in the rain"
LINK = re.compile(r"http://localhost(/\S+)")


def ask(world, address="ray@example.org"):
    client = world.client()
    fields = hidden(client.get("/password/forgotten")) | {"email": address}
    return client.post("/password/forgotten", data=fields)


def deliver(world):
    with world.app.app_context():
        return send_due()


def link_for(world, who="ray"):
    with world.app.app_context(), unit_of_work():
        return LINK.fullmatch(services.reset_link(f"{who}@example.org"))[1]


def choose(world, link, password=NEW):
    client = world.client()
    return client.post(link, data=hidden(client.get(link)) | {"password": password})


def test_a_mailed_link_resets_the_password(world):
    busy, stranger = world.client(), world.client()
    sign_in(busy, "ray")
    sign_in(stranger, "fay")
    with PostOffice() as office:
        office.serves(world)
        ask(world, " Ray@Example.ORG")
        deliver(world)
        [letter] = office.letters
        link = LINK.search(letter.get_content())[1]
        done = choose(world, link)
        deliver(world)

    assert letter["To"] == "ray@example.org"
    assert "Dr Ray" not in letter.get_content()
    assert (done.status_code, done.location) == (303, "/sign-in")
    twice = world.client().get(link)
    assert (twice.status_code, "sign in with it" in twice.text) == (410, True)
    assert not is_in(busy)
    assert is_in(stranger)
    assert sign_in(world.client(), "ray").status_code == 422
    again = world.client()
    assert sign_in(again, "ray", NEW).status_code == 303
    assert "Your password was reset with a link." in again.get("/account").text
    assert "was changed" in office.letters[1]["Subject"]


def test_a_reset_forgets_known_devices(world):
    sign_in(world.client(), "ray")
    sign_in(world.client(), "fay")
    choose(world, link_for(world))

    with world.app.app_context():
        [known] = db.session.scalars(select(KnownDevice)).all()
        assert DEVICES.rows(account(world.ids["fay"])) == [known]


def test_a_reset_signs_nobody_in(world):
    client, link = world.client(), link_for(world)
    client.post(link, data=hidden(client.get(link)) | {"password": NEW})

    assert not is_in(client)


def test_no_link_for_an_unknown_address(world):
    with PostOffice() as office:
        office.serves(world)
        ask(world, "nobody@example.org")
        assert deliver(world) == 0


def test_without_mail_the_page_names_a_contact(world):
    world.app.config["OPERATOR"] = "Kim at the deanery"
    page = world.client().get("/password/forgotten").text

    assert "Kim at the deanery" in page
    assert "scripts/forum reset-link" in page
    assert 'name="email"' not in page


@pytest.mark.parametrize("dead", ["used", "late", "never there", "after another", "cut"])
def test_a_dead_link_changes_nothing(world, dead):
    link = link_for(world)
    match dead:
        case "used":
            choose(world, link)
        case "late":
            world.moment += timedelta(minutes=60)
        case "never there":
            link = "/password/reset/" + "x" * 43
        case "after another":
            choose(world, link_for(world))
        case "cut":
            link = link[:-1]
    client = world.client()
    page = client.get(link)
    sent = client.post(link, data=client.tokens("/sign-in") | {"password": "an owl at the window"})

    assert (page.status_code, sent.status_code) == (410, 410)
    assert "This link no longer works" in page.text
    assert sign_in(world.client(), "ray", "an owl at the window").status_code == 422


def test_an_unfinished_reset_keeps_the_link(world):
    link = link_for(world)
    for _ in range(3):
        assert world.client().get(link).status_code == 200
    refused = choose(world, link, "Password1234")

    assert refused.status_code == 422
    assert "password is easy to guess" in refused.text
    assert "Password1234" not in refused.text
    assert choose(world, link).status_code == 303


def test_the_secret_is_stored_nowhere(world):
    secret = link_for(world).rpartition("/")[2].encode()

    assert not [path for path in world.files() if secret in path.read_bytes()]
