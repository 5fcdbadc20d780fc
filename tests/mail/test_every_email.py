"""Every email that the service sends, composed as it leaves and parsed back as it is read."""

import ast
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

import forum
from forum.accounts import emails
from forum.accounts.queries import account
from forum.circles import applicants, group_links, invitations, joining
from forum.circles.models import Applicant
from forum.core.db import db, unit_of_work
from forum.core.events import record
from forum.mail import smtp
from forum.mail.layout import COLUMNS
from forum.mail.models import OutgoingMail
from forum.moderation.events import NoteAsked
from forum.notifications import update_email
from forum.programme import services as programme
from forum.safety.emails import sign_in_soon
from tests.postoffice import PostOffice
from tests.rows import row_of

SITE, TO = "O\u2019Brien\u2019s circle, Québec", "ana@example.org"
URL = "https://circles.example.org"
LINK = f"{URL}/password/a-secret"


def invited(world, *, named):
    invitations.invite_by_email(world.standing("mo"), [TO], "Words of mine.", names_inviter=named)


def asked(world, address):
    way = joining.WayIn.by(db.session.scalar(select(joining.Invitation)))
    joining.ask_to_confirm(way, joining.Newcomer(address, "Dr Ana", "hash"), uuid4())


def asks_to_join(world):
    mo = world.standing("mo")
    group_links.make(mo, 3)
    secret = group_links.shown(mo).url.rsplit("/", 1)[1]
    world.ids["ana"] = uuid4()
    applicants.ask(secret, applicants.Request("Dr Ana", TO), world.ids["ana"])


def may_join(world):
    asks_to_join(world)
    db.session.execute(delete(OutgoingMail))
    applicants.confirm(row_of(Applicant, world.ids["ana"]).secret)
    applicants.let_in(world.standing("mo"), world.ids["ana"])


def ask_for_a_note(world):
    record(NoteAsked(world.ids["rose"]))


# By name: what sends it, and the address of a page that it leads to; "" for none.
EMAILS = {
    "reset": (lambda world: emails.reset_password(TO, LINK), LINK),
    "new address": (lambda world: emails.confirm_address(TO, LINK), LINK),
    "address changed": (lambda world: emails.address_changed(TO), ""),
    "password changed": (lambda world: emails.password_changed(TO), ""),
    "factor changed": (lambda world: emails.factor_changed(TO), ""),
    "new device": (lambda world: emails.signed_in_somewhere_new(TO), ""),
    "vouched for": (lambda world: emails.vouched_for(TO), ""),
    "somebody vouched for": (lambda world: emails.somebody_was_vouched_for(TO), ""),
    "correction": (lambda world: emails.address_correction_asked(TO), ""),
    "copy": (lambda world: emails.copy_link_made(TO), ""),
    "lead changed": (lambda world: emails.lead_changed(TO), ""),
    "unfinished goes": (lambda world: emails.unfinished_goes(TO, "9 March"), ""),
    "rest": (lambda world: emails.service_rests(TO, "9 March", "10 March"), ""),
    "guardian": (lambda world: sign_in_soon(TO), ""),
    "account goes": (lambda world: emails.account_goes(TO, "9 March"), ""),
    "invitation": (lambda world: invited(world, named=False), f"{URL}/join/"),
    "invitation by name": (lambda world: invited(world, named=True), f"{URL}/join/"),
    "confirmation": (lambda world: asked(world, "bo@example.org"), f"{URL}/join/confirm/"),
    "known address": (lambda world: asked(world, "ray@example.org"), f"{URL}/sign-in"),
    "asks to join": (lambda world: asks_to_join(world), f"{URL}/waiting/"),
    "may join": (lambda world: may_join(world), f"{URL}/waiting/"),
    "update": (lambda world: update_email.digest(account(world.ids["ray"])), f"{URL}/"),
    "something waits": (ask_for_a_note, f"{URL}/"),
    "service invitation": (lambda world: programme.invite(TO), f"{URL}/welcome/"),
}
CALLS = 23  # of `queue`: fourteen in accounts, two to applicants, one to guardians; two texts each
# share that of joining and of inviting; the test email takes two ways


@pytest.fixture
def mailing(world):
    named = {"SITE_NAME": SITE, "SITE_URL": URL, "CONTACT": "help@example.org"}
    world.app.config |= named | {"MAIL_SERVER": "mail.example.org"}
    return world


def sent(world, name):
    """What leaves: (row's subject, row's text, message)."""
    with world.app.test_request_context():
        if name in ("confirmation", "known address"):
            with unit_of_work():
                invited(world, named=False)
            with unit_of_work():
                db.session.execute(delete(OutgoingMail))
        with unit_of_work():
            EMAILS[name][0](world)
        [email] = db.session.scalars(select(OutgoingMail))
        message = message_from_bytes(smtp.composed(email), policy=policy.default)
        return email.subject, email.text, message


@pytest.mark.parametrize("name", EMAILS)
def test_an_email_reads_back_as_it_was_written(mailing, name):
    subject, text, message = sent(mailing, name)
    body = message.get_body(("plain",)).get_content().replace("\r\n", "\n")

    assert message["Subject"] == subject
    assert [each.addr_spec for each in message["From"].addresses] == [
        "no-reply@circles.example.org"
    ]
    assert message["From"].addresses[0].display_name == SITE
    assert [each.addr_spec for each in message["Reply-To"].addresses] == ["help@example.org"]
    assert len(message["To"].addresses) == 1
    assert body == text
    assert not message.defects


@pytest.mark.parametrize("name", EMAILS)
def test_an_email_is_whole_and_names_no_circle(mailing, name):
    subject, text, message = sent(mailing, name)
    page = message.get_body(("html",))
    words = subject + text + (page.get_content() if page else "")

    assert text.startswith("Hello,\n\n")
    assert "-- \n" in text
    assert all(len(line) <= COLUMNS or line.startswith(URL) for line in text.splitlines())
    assert any(line.startswith(EMAILS[name][1]) for line in text.splitlines())
    assert ("Dr Mo" in words) == (name == "invitation by name")
    for said in ("%(", "None", "Rose", "Torn", "Dr Ray", "Words of mine", "localhost"):
        assert said not in words
    assert len(subject) <= COLUMNS


def test_a_test_email_reads_back(mailing):
    with PostOffice() as office, mailing.app.test_request_context():
        office.serves(mailing)
        assert programme.test_mail(TO) is programme.SentBy.PAGE
    [email] = office.letters

    assert email["Subject"] == f"A test email from {SITE}"
    assert f"{URL}/" in email.get_content()


def test_every_call_that_sends_is_tried_here():
    """Fails when an email is added that is not in EMAILS."""
    calls = [
        call
        for file in Path(forum.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and "subject" not in ast.unparse(call.func)
        if ast.unparse(call.func) in ("queue", "mail.queue", "outbox.queue")
    ]

    assert len(calls) == CALLS
