"""The email about a sign-in on a device that was not met before."""

import pytest

from forum.accounts.queries import account
from forum.core.db import unit_of_work
from forum.mail import outbox
from tests.accounts.authenticator import make, sign_in_by
from tests.accounts.people import sign_in
from tests.postoffice import PostOffice


@pytest.fixture
def office(world):
    with PostOffice() as office:
        office.serves(world)
        with world.app.app_context(), unit_of_work():
            account(world.ids["ray"]).factor_asked = ""
        yield office


def emails(world, office):
    with world.app.app_context():
        outbox.send_due(lambda *_: None)
    return [each for each in office.letters if each["To"] == "ray@example.org"]


def test_a_first_sign_in_and_a_known_device_bring_no_email(world, office):
    client = world.client()
    for _ in range(2):
        sign_in(client, "ray")
        client.submit("/sign-out")

    assert emails(world, office) == []


@pytest.mark.proof("M13")
def test_a_new_device_brings_one_that_tells_nothing(world, office):
    """Fails when the email tells the hour, the device, the place or a circle."""
    sign_in(world.client(), "ray")
    sign_in(world.client(), "ray", device="own")
    [email] = emails(world, office)
    text = email.get_content()

    assert email["Subject"] == "Someone signed in to your Kettle account"
    assert "on a device we had not met." in text
    assert "If it was you, all is well." in text
    for word in ("10:20", "March", "phone", "127.0.0.1", "Rose", "Dr Ray"):
        assert word not in text


def test_a_passkey_on_a_new_device_brings_one_too(world, office):
    phone, _page = make(world.client("ray"))
    sign_in_by(world.client(), phone)
    before = len(emails(world, office))
    sign_in_by(world.client(), phone)

    assert len(emails(world, office)) == before + 1


def test_a_wrong_password_brings_none(world, office):
    sign_in(world.client(), "ray")
    sign_in(world.client(), "ray", "wrong altogether")

    assert emails(world, office) == []
