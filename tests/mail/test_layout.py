"""Plain-text layout of each kind of email."""

import re

import pytest

from forum.accounts import emails as account
from forum.circles import invitations, joining
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.mail import outbox as mail
from forum.mail.layout import COLUMNS
from forum.programme import services as programme
from tests.postoffice import PostOffice

TO, LINK = "a.rather.long.address@surgery.example.org", "https://circles.example.org/" + "x" * 90


def _invited(world):
    invitations.invite_by_email(world.standing("mo"), [TO], "Personal words", names_inviter=True)


def _joining(world, address=TO):
    secret = invitations.create_link(world.standing("mo"), "")
    way = joining.WayIn.by(invitations.find(secret))
    joining.ask_to_confirm(way, joining.Newcomer(address, "Ann Ash", "hash"), new_id())


LETTERS = {
    "a new password": lambda world: account.reset_password(TO, LINK),
    "a new address": lambda world: account.confirm_address(TO, LINK),
    "another address": lambda world: account.address_changed(TO),
    "another password": lambda world: account.password_changed(TO),
    "a last day": lambda world: account.account_goes(TO, "Wednesday 30 September"),
    "an invitation": _invited,
    "an invitation to begin": lambda world: programme.invite(TO),
    "a new account": _joining,
    "a known account": lambda world: _joining(world, "ray@example.org"),
}


@pytest.fixture(params=LETTERS)
def email(world, request):
    """One email of each kind, as received."""
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org", CONTACT="help@example.org")
        with world.app.test_request_context(), unit_of_work():
            LETTERS[request.param](world)
        with world.app.app_context():
            mail.send_due()
        [email] = office.letters
    return email


def test_an_email_keeps_lines_and_link_whole(email):
    lines = email.get_content().splitlines()
    links = [line for line in lines if line.startswith("https://")]

    assert max(len(line) for line in lines if line not in links) <= COLUMNS
    assert len(links) == email.get_content().count("https://") <= 1


def test_an_email_has_greeting_and_signature(email):
    lines = email.get_content().splitlines()
    signed = " ".join(lines[lines.index("-- ") + 1 :])

    assert lines[0] == "Hello,"
    assert signed == (
        "This is an automatic email from Kettle. If you reply, help@example.org gets your reply."
    )
    assert not re.search(r"Rose|Personal words|Torn between", str(email))


def test_a_subject_names_no_circle_or_person(email):
    assert re.fullmatch(
        r"An invitation to Kettle|Reset your password for Kettle"
        r"|Confirm your new email address for Kettle|Your account at Kettle"
        r"|Your Kettle account will be deleted|Your email address for Kettle has changed"
        r"|Your password for Kettle was changed",
        email["Subject"],
    )
