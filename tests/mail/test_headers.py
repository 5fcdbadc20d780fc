"""Sender, address for replies and subject read back whatever the operator calls the site."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.mail import headers, outbox, smtp
from forum.mail.headers import Mailbox
from forum.mail.models import OutgoingMail
from forum.operations import checks
from tests.postoffice import PostOffice

NAMES = [
    "Cercles, Québec",
    "O\u2019Brien\u2019s circle, Bristol",
    "Réflexions <GP>",
    'The "Kettle", a circle; of: GPs (and) @ colleagues',
    "=?utf-8?q?Kettle?=",
    "Kettle =?utf-8?b?S2V0dGxl?= club",
    "back\\slash",
    "Kettle\r\nBcc: x@example.org",
    "جلسات, قهوة",
    "🫖" * 60,
    "a" * 300,
    "",
    "  ",
]
SENDER = "no-reply@circles.example.org"


def composed(world, site, subject="A new password for %s", **config):
    world.app.config |= {"SITE_NAME": site, "SITE_URL": "https://circles.example.org"} | config
    with world.app.app_context():
        email = OutgoingMail(due_at=now())
        email.address, email.text = "ray@example.org", "Hello"
        email.subject = subject % site if "%s" in subject else subject
        email.html = email.unsubscribe = email.log_mark = ""
        return smtp.composed(email)


def check_read_back(sent, site, subject):
    name = headers.display_name(site)
    newer, older = message_from_bytes(sent, policy=policy.default), message_from_bytes(sent)
    assert [(each.addr_spec) for each in newer["From"].addresses] == [SENDER]
    assert [(each.addr_spec) for each in newer["Reply-To"].addresses] == ["help@example.org"]
    assert "".join(newer["From"].addresses[0].display_name.split()) == "".join(name.split())
    assert headers.mailboxes(older["From"]) == [Mailbox(name, SENDER)]
    assert headers.mailboxes(older["Reply-To"]) == [Mailbox(name, "help@example.org")]
    assert newer["Subject"] == headers.one_line(subject)
    assert newer["To"].addresses[0].addr_spec == "ray@example.org"
    assert "Bcc" not in newer
    assert str(make_header(decode_header(older["Subject"]))) == headers.one_line(subject)
    for line in sent.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        assert len(line) <= 998
        for word in re.findall(rb"=\?utf-8\?b\?[^?]*\?=", line):
            assert len(word) <= 75


@pytest.mark.parametrize("site", NAMES)
def test_every_site_name_survives(world, site):
    contact = {"CONTACT": "The practice <help@example.org>"}

    check_read_back(composed(world, site, **contact), site, f"A new password for {site}")


def test_any_text_survives_as_a_name(world):
    @settings(deadline=None, max_examples=300)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
    @example("é, " * 40)
    @example('"')
    def holds(site):
        sent = composed(world, site, CONTACT="help@example.org")
        check_read_back(sent, site, f"A new password for {site}")

    holds()


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("post@example.org", "post@example.org"),
        ("Kettle Circles <post@example.org>", "post@example.org"),
        ('"Cercles, Québec" <post@example.org>', "post@example.org"),
        ("", SENDER),
    ],
)
def test_the_sender_setting_may_hold_a_name(world, setting, address):
    read = message_from_bytes(composed(world, "Kettle", MAIL_SENDER=setting), policy=policy.default)

    assert read["From"].addresses[0].addr_spec == address
    assert read["From"].addresses[0].display_name == "Kettle"
    assert read["Message-ID"].endswith(f"@{address.partition('@')[2]}>")


def test_replies_go_where_questions_are_read(world):
    assert b"\r\nReply-To:" not in composed(world, "Kettle")
    assert b"\r\nReply-To:" not in composed(world, "Kettle", CONTACT="ask at the desk")
    with PostOffice() as office:
        office.serves(world, CONTACT="help@example.org", SITE_NAME="Cercles, Québec")
        with world.app.app_context():
            with unit_of_work():
                outbox.queue("ray@example.org", "Hello", "Hello")
            assert outbox.send_due() == 1
        [email] = office.letters

    assert str(email["Reply-To"]) == '"Cercles, Québec" <help@example.org>'


@pytest.mark.parametrize(
    ("config", "well"),
    [
        *(({"SITE_NAME": name}, True) for name in NAMES),
        ({"MAIL_SENDER": "Kettle <post@example.org>"}, True),
        ({"MAIL_SENDER": "the practice"}, False),
        ({"CONTACT": "help@example.org"}, True),
    ],
)
def test_check_composes_an_email(world, config, well):
    world.app.config |= config
    with world.app.test_request_context():
        found = checks._mail_headers()

    assert found.is_well is well
    assert "post@example.org" not in found.said
