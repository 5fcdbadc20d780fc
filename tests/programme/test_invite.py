import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts import links
from forum.accounts.models import Purpose
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.mail.models import OutgoingMail

LINK = re.compile(r"http://localhost/welcome/([\w-]{43})")


@pytest.fixture
def lee(world):
    return world.client("lee")


@pytest.fixture
def mail(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"


def send(client, url, page="/service/invite", **fields):
    return client.post(url, data=client.tokens(page) | fields)


def invite(client, address):
    return send(client, "/service/invite", address=address)


def letters(world):
    with world.app.app_context():
        return [(each.address, each.text) for each in db.session.scalars(select(OutgoingMail))]


def found(world, secret):
    with world.app.app_context():
        return links.find(secret, Purpose.OPEN_CIRCLE)


def cancel_url(page):
    return re.search(r'action="(/service/invitations/[^"]+/take-back)"', page)[1]


def test_without_mail_only_a_link_is_offered(world, lee):
    page = lee.get("/service/invite").text

    answer = invite(lee, "ana@example.org")

    assert "copy the link and send it yourself" in page
    assert 'name="address"' not in page
    assert answer.status_code == 422
    assert "A link you copied" not in lee.get("/service").text


def test_a_service_link_is_shown_once(world, lee):
    page = send(lee, "/service/invitations").text

    secret = LINK.search(page)[1]
    assert found(world, secret).payload == {}
    assert "14 days left" in lee.get("/service").text
    assert secret not in lee.get("/service").text + lee.get("/service/invite").text
    assert not [file for file in world.files() if secret.encode() in file.read_bytes()]


def test_a_mailed_invitation_seals_its_address(world, lee, mail):
    page = lee.get(invite(lee, " Ana@example.org ").location).text

    [(address, words)] = letters(world)
    secret = LINK.search(words)[1]
    assert address == "Ana@example.org"
    assert found(world, secret).payload == {"address": "Ana@example.org"}
    assert "Ana@example.org" in page
    clear = [secret.encode(), b"Ana@example.org"]
    for file in world.files():
        assert not [each for each in clear if each in file.read_bytes()], file


def test_a_second_press_sends_nothing(world, lee, mail):
    invite(lee, "ana@example.org")

    page = lee.get(invite(lee, "ANA@example.org").location).text

    assert "already have an invitation" in page
    assert len(letters(world)) == 1


def test_an_invalid_address_shows_an_error(world, lee, mail):
    answer = invite(lee, "ana@example.org, ben@example.org")

    assert answer.status_code == 422
    assert "Enter an email address like anna@example.org." in answer.text
    assert "ana@example.org, ben@example.org" in answer.text
    assert letters(world) == []


@pytest.mark.parametrize("address", ["lee@example.org", " LEE@Example.org"])
def test_the_lead_cannot_invite_themselves(world, lee, mail, address):
    answer = invite(lee, address)

    assert answer.status_code == 422
    assert "This account joins no circle." in answer.text
    assert letters(world) == []


def test_an_invitation_counts_down_and_expires(world, lee):
    secret = LINK.search(send(lee, "/service/invitations").text)[1]

    world.moment += timedelta(days=13, hours=1)
    assert "1 day left" in world.client("lee").get("/service").text
    world.moment += timedelta(days=1)
    assert "day left" not in world.client("lee").get("/service").text
    with pytest.raises(NotFound):
        found(world, secret)


def test_a_used_invitation_leaves_the_list(world, lee):
    secret = LINK.search(send(lee, "/service/invitations").text)[1]

    with world.app.app_context(), unit_of_work():
        links.use(secret, Purpose.OPEN_CIRCLE)

    assert "A link you copied" not in lee.get("/service").text


def test_a_cancelled_service_link_opens_nothing(world, lee):
    secret = LINK.search(send(lee, "/service/invitations").text)[1]
    url = cancel_url(lee.get("/service").text)

    answers = [send(lee, url) for _ in range(2)]

    assert {answer.location for answer in answers} == {"/service"}
    with pytest.raises(NotFound):
        found(world, secret)


def test_only_service_invitations_are_cancelled_here(world, lee):
    send(lee, "/service/invitations")
    url = cancel_url(lee.get("/service").text)
    with world.app.app_context(), unit_of_work():
        secret = links.issue(Purpose.RESET_PASSWORD, timedelta(hours=1), member_id=world.ids["ray"])
        [reset] = links.waiting(Purpose.RESET_PASSWORD)

    send(lee, re.sub(r"[0-9a-f-]{36}", str(reset.id), url))

    with world.app.app_context():
        assert links.find(secret, Purpose.RESET_PASSWORD).member_id == world.ids["ray"]
