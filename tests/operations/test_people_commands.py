"""Commands on accounts: unfinished ones, signing everyone out; each in the service's log."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import worker
from forum.accounts import services as accounts
from forum.accounts.models import Member
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.mail import outbox
from forum.mail.models import OutgoingMail
from forum.operations.findings import number_of
from forum.programme import services as programme
from forum.safety.models import Guardian
from tests.accounts.people import is_in, sign_in
from tests.postoffice import PostOffice


def run(world, *words):
    return world.app.test_cli_runner().invoke(args=["forum", *words])


def refused(world, *words):
    """Sentence of a command that refuses, having changed and logged nothing."""
    before = lines(world), state(world)
    answer = run(world, *words)
    assert answer.exit_code == 1, answer.output
    assert (lines(world), state(world)) == before
    return answer.output


def lines(world):
    """Number of lines in the service's log."""
    return world.client("lee").get("/service/log").text.count("<li")


def state(world):
    with world.app.app_context():
        asked = select(Member.address_digest, Member.goes_on, Member.is_suspended)
        return sorted(map(tuple, db.session.execute(asked)))


def test_unfinished_accounts_are_counted_and_listed(world):
    """Fails when a member, or the programme lead, counts as unfinished."""
    counted, listed = (run(world, "unfinished", "list", *more) for more in ((), ("--addresses",)))

    assert counted.output.splitlines()[0] == "1 account belongs to no circle."
    assert "@" not in counted.output
    assert "  sol@example.org\n" in listed.output
    assert listed.output.count("@") == 1
    assert "listed on the server" in world.client("lee").get("/service/log").text


@pytest.mark.parametrize("words", [("copy-link",), ("unfinished", "end"), ("address", "cancel")])
def test_an_argument_that_is_not_utf_8_is_a_slip(world, words):
    """Fails when an operator reads that a letter of theirs is a mistake of the forum."""
    answer = run(world, *words, "ray\udce9@example.org")

    assert answer.exit_code == 2
    assert "What you typed holds letters that are not UTF-8." in answer.output


def test_one_of_a_kind_is_told_in_the_singular(world):
    with world.app.test_request_context(), unit_of_work():
        programme.invitation(new_id())

    assert "circle: 1. All" in " ".join(run(world, "unfinished", "list").output.split())
    assert number_of(1, "check failed", "checks failed") == "1 check failed"
    assert number_of(0, "check failed", "checks failed") == "0 checks failed"


@pytest.mark.parametrize("accepted", [True, False])
def test_a_guardian_outside_all_circles_is_finished(world, accepted):
    """Fails when one command takes from a service the people who can open a name."""
    with world.app.app_context(), unit_of_work():
        db.session.add(Guardian(member_id=world.ids["sol"], accepted=accepted))

    listed = run(world, "unfinished", "list", "--addresses")

    assert listed.output.splitlines()[0] == "0 accounts belong to no circle."
    assert "@" not in listed.output
    assert "is a guardian's" in refused(world, "unfinished", "end", "sol@example.org")


def test_an_unfinished_account_goes_unless_its_owner_keeps_it(world):
    """Fails when its owner is not told, stays signed in, or cannot keep it."""
    sol = world.client("sol")
    assert is_in(sol)
    with PostOffice() as office:
        office.serves(world)
        done = run(world, "unfinished", "end", "sol@example.org")
        with world.app.app_context():
            outbox.send_due()

    assert "goes on 09 March 2026" in done.output
    [letter] = office.letters
    assert letter["To"] == "sol@example.org"
    assert "belongs to no circle" in letter.get_content()
    assert not is_in(sol)
    assert "goes on 09 March 2026 already" in refused(world, "unfinished", "end", "sol@example.org")
    again = world.client()
    assert sign_in(again, "sol").status_code == 303
    again.submit("/account/keep")
    assert goes_on(world, "sol") is None
    run(world, "unfinished", "end", "sol@example.org")
    world.moment += timedelta(days=8)
    with world.app.app_context():
        worker.run_due_jobs()
    assert goes_on(world, "sol") == "gone"


def goes_on(world, who):
    with world.app.app_context():
        member = db.session.get(Member, world.ids[who])
        return member.goes_on if member else "gone"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nobody@example.org", "No account uses that address."),
        ("", "No account uses that address."),
        ("ray@example.org", "belongs to a circle"),
        ("lee@example.org", "programme lead's account"),
    ],
)
def test_other_accounts_are_left_alone(world, address, said):
    assert said in refused(world, "unfinished", "end", address)


def test_a_suspended_account_is_left_alone(world):
    with world.app.app_context(), unit_of_work():
        accounts.suspend("sol@example.org")

    assert "Restore it first" in refused(world, "unfinished", "end", "sol@example.org")


def test_an_interrupted_ending_changes_nothing(world, monkeypatch):
    """Fails when the day is stored and its owner is not told."""

    def cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("forum.accounts.emails.unfinished_goes", cut)
    before = lines(world)

    assert run(world, "unfinished", "end", "sol@example.org").exit_code != 0
    assert (goes_on(world, "sol"), lines(world)) == (None, before)
    assert is_in(world.client("sol"))


def test_everyone_is_signed_out_and_typed_text_returns(world):
    """Fails when a session lives on, or what was being typed is lost."""
    browsers = {who: world.client(who) for who in ("ray", "nan", "lee")}
    composer = browsers["ray"].get(f"{world.thread}/answer").location
    fields = browsers["ray"].tokens(composer) | {"kind": "question", "body": "Half a line"}

    assert run(world, "sign-out-everyone").output == "Everyone is signed out.\n"

    assert not any(map(is_in, browsers.values()))
    late = browsers["ray"].post(composer, data=fields | {"do": "own_name"})
    assert (late.status_code, "Half a line" in late.text) == (401, True)
    twice = run(world, "sign-out-everyone")
    assert (twice.exit_code, twice.output) == (1, "Error: Nobody was signed in.\n")
    assert "Everyone was signed out." in world.client("lee").get("/service/log").text


@pytest.mark.parametrize("mail_is_on", [True, False])
@pytest.mark.parametrize(
    "words",
    [
        ("copy-link", "ray@example.org"),
        ("address", "correct", "ray@example.org", "new@example.org"),
        ("unfinished", "end", "sol@example.org"),
        ("lead", "end", "ivy@example.org"),
    ],
)
def test_no_command_promises_an_email_while_mail_is_off(world, words, mail_is_on):
    """Fails when an operator goes on in the belief that somebody was told."""
    if mail_is_on:
        world.app.config["MAIL_SERVER"] = "mail.example.org"
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["ivy"]).is_programme_lead = True

    done = run(world, *words)

    assert done.exit_code == 0, done.output
    with world.app.app_context():
        assert bool(db.session.scalar(select(OutgoingMail.id).limit(1))) is mail_is_on
    assert ("by email" in done.output) is mail_is_on
    assert ("This forum sends no email" in done.output) is not mail_is_on


def test_nobody_is_unfinished(world):
    with world.app.app_context(), unit_of_work():
        db.session.delete(db.session.get_one(Member, world.ids["sol"]))

    assert run(world, "unfinished", "list").output.startswith("0 accounts belong to no circle.\n")
