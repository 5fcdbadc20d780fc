"""Mail failures as shown to the programme lead, without recipient and content."""

import pytest

from forum.core.db import db, unit_of_work
from forum.mail import outbox
from forum.mail.models import OutgoingMail
from tests.postoffice import PostOffice


@pytest.fixture
def office(world):
    with PostOffice() as office:
        office.serves(world)
        yield office


def queue_and_send(world, address="canary@example.org"):
    with world.app.app_context():
        with unit_of_work():
            outbox.queue(address, "Canary", "Canary")
        outbox.send_due()


def press(world, lead, which):
    with world.app.app_context():
        [email_id] = db.session.scalars(db.select(OutgoingMail.id))
    return lead.post(f"/service/mail/{email_id}/{which}", data=lead.tokens("/service/mail"))


def test_a_refused_email_shows_only_the_code(world, office):
    office.answer = "550 canary@example.org is unknown"
    queue_and_send(world)

    page = world.client("lee").get("/service/mail").text

    assert "Refused with 550 at the first try." in page
    assert "anary" not in page
    assert "Send again" not in page  # its words are gone


def test_an_unusable_address_is_not_shown(world, office):
    queue_and_send(world, "canary\n@example.org")

    page = world.client("lee").get("/service/mail").text

    assert "The email address is not valid, so it was not sent." in page
    assert "anary" not in page


def test_the_lead_resends_an_unsure_email(world, office):
    office.taken = ""
    queue_and_send(world)
    lead = world.client("lee")
    assert "It may have arrived." in lead.get("/service/mail").text

    office.taken = "250 OK"
    press(world, lead, "again")
    with world.app.app_context():
        outbox.send_due()

    assert len(office.letters) == 2
    assert "No problems." in lead.get("/service/mail").text


def test_the_lead_deletes_a_failed_email(world, office):
    office.answer = "550 no such person"
    queue_and_send(world)
    lead = world.client("lee")

    press(world, lead, "forget")

    assert "No problems." in lead.get("/service/mail").text
