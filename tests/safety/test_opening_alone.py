"""One guardian alone, after a quarter of an hour; and what is said where no email leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.core.db import db, unit_of_work
from forum.mail import outbox
from forum.mail.models import OutgoingMail, State
from forum.mail.outbox import send_due
from forum.operations import backups
from forum.policy.terms import AuthorMode
from forum.safety import guardians
from tests.page import Page
from tests.postoffice import PostOffice
from tests.safety.people import (
    REASONS,
    ask,
    case,
    decide,
    guardian,
    latest,
    log_of_service,
    name_guardians,
    open_name,
    page_of,
    settle,
)

MASK = AuthorMode.THREAD_PSEUDONYM
MINUTE = timedelta(minutes=1)


def send(world):
    with world.app.app_context():
        send_due()
    settle(world)


def test_one_guardian_opens_alone_after_a_quarter_of_an_hour(world, post):
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        send(world)
        assert sorted(each.rcpt_tos[0] for each in office.envelopes) == [
            "gus@example.org",
            "nan@example.org",
            "sol@example.org",
        ]
    world.moment += 14 * MINUTE
    assert decide(world, "sol", "alone").status_code == 409
    world.moment += MINUTE

    decide(world, "sol", "alone")

    assert "Dr Ray" in open_name(world, "sol").text
    assert log_of_service(world)[0] == "One guardian alone opened a name: someone may die now."


def test_who_said_yes_may_open_alone_later(world, post):
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        send(world)
    decide(world, "sol", "yes")
    world.moment += 15 * MINUTE

    decide(world, "sol", "alone", words="")

    assert "Dr Ray" in open_name(world, "sol").text


def test_a_no_closes_the_lone_path(world, post):
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        send(world)
    world.moment += 15 * MINUTE
    assert "Open it alone now" in guardian(world, "sol").get(case(world)).text

    decide(world, "nan", "no")

    assert "Open it alone now" not in guardian(world, "sol").get(case(world)).text
    assert decide(world, "sol", "alone").status_code == 409


def test_alone_after_anothers_yes_is_the_second_yes(world, post):
    """Fails when a name that two opened is logged as opened by one, or not opened at all."""
    ask(world, post)
    assert guardian(world, "nan").get(case(world)).status_code == 200
    decide(world, "sol", "yes")

    assert decide(world, "nan", "alone").status_code == 303  # on a page from before that yes

    assert log_of_service(world)[0].startswith("Two guardians opened a name")
    assert not latest(world)[1].alone
    assert "Dr Ray" in open_name(world, "nan").text


def test_other_reasons_need_two(world, post):
    with PostOffice() as office:
        office.serves(world)
        ask(world, post, reason="serious_abuse")
        send(world)
    world.moment += 60 * MINUTE

    assert decide(world, "sol", "alone").status_code == 409


def test_without_email_the_quarter_of_an_hour_does_not_run(world, post):
    ask(world, post)
    settle(world)
    world.moment += timedelta(hours=5)

    page = Page(world.client("mo").get(page_of(world, post)))
    first = page.all("p", cls="notice")[0].text
    assert "999" in first
    assert "No guardian is called: this service sends no email." in first
    assert decide(world, "sol", "alone").status_code == 409


@pytest.mark.parametrize("path", ["request", "advice"])
def test_without_email_no_word_above_the_first_line_says_who_is_asked(world, post, path):
    """Fails when a moderator reads first that the guardians are asked, and nobody is called."""
    client, page = world.client("mo"), page_of(world, post)
    fields = client.tokens(page) | REASONS | {"question": "Would you ring?"}
    assert client.post(f"{page}/{path}", data=fields).status_code == 303

    first = Page(client.get(page)).all("p")[0].text

    assert "999" in first
    assert "No guardian is called" in first


def test_a_guardian_reads_whether_others_were_called_and_when_one_may_act_alone(world, post):
    alone = "15 minutes after our email to another guardian left, you may open it alone"
    silent = "No other guardian was called"
    ask(world, post)
    page = guardian(world, "sol").get(case(world)).text
    assert (silent in page, alone in page) == (True, False)
    world.moment += timedelta(days=1)
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        send(world)

    page = guardian(world, "sol").get(case(world)).text
    assert (silent in page, alone in page) == (False, True)
    decide(world, "sol", "yes")
    page = guardian(world, "sol").get(case(world)).text
    assert alone in page
    assert "You have answered. It waits for another guardian." in page
    decide(world, "nan", "no")
    assert alone not in guardian(world, "sol").get(case(world)).text
    assert alone in guardian(world, "gus").get(case(world)).text  # who has not heard of the no
    world.moment += 15 * MINUTE
    assert alone not in guardian(world, "nan").get(case(world)).text


def test_emails_that_wait_do_not_let_it_run(world, post):
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
    settle(world)  # nothing was sent
    world.moment += timedelta(hours=5)

    assert decide(world, "sol", "alone").status_code == 409


@pytest.mark.parametrize("how", ["restored", "forgotten"])
def test_emails_that_never_left_do_not_let_it_run(world, post, how):
    """Their rows are gone: by a restore, which sends nothing queued, or by the lead's press."""
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        settle(world)
        with world.app.app_context():
            queued = db.session.scalars(select(OutgoingMail.id)).all()
            if how == "restored":
                backups.begin_again()
            else:
                with unit_of_work():
                    refused = {"state": State.GIVEN_UP, "tries": 1}
                    db.session.execute(update(OutgoingMail).values(refused))
                settle(world)
                with unit_of_work():
                    outbox.forget(queued[0])
        settle(world)
    world.moment += 16 * MINUTE

    assert decide(world, "sol", "alone").status_code == 409


@pytest.mark.parametrize("lost", [0, 1])
def test_all_emails_are_tried_before_it_runs(world, post, lost):
    """Fails when an email that vanished from the queue counts as tried."""
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        with world.app.app_context(), unit_of_work():
            queued = db.session.scalars(select(OutgoingMail.id)).all()
            for email_id in queued[:lost]:
                assert outbox.withdraw(email_id)
        send(world)
    world.moment += 16 * MINUTE

    assert decide(world, "sol", "alone").status_code == (409 if lost else 303)


class Refusing(PostOffice):
    """A mail server that refuses everybody but some."""

    accepted, code = ("sol",), "550 No such mailbox"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not address.startswith(self.accepted):
            return self.code
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.mark.parametrize("code", ["550 No such mailbox", "451 Try again later"])
def test_nobody_opens_alone_by_their_own_email(world, post, code):
    """Fails when one guardian acts alone though no email to another left."""
    with Refusing() as office:
        office.code = code
        office.serves(world)
        ask(world, post)
        send(world)
    world.moment += 16 * MINUTE

    assert decide(world, "sol", "alone").status_code == 409
    assert "Open it alone now" not in guardian(world, "sol").get(case(world)).text
    assert decide(world, "nan", "alone").status_code == 303  # of whose others one was emailed


def test_it_runs_from_the_first_email_to_another(world, post):
    """Fails when an email that leaves late counts from the moment of those before it."""
    with Refusing() as office:
        office.code = "451 Try again later"
        office.serves(world)
        ask(world, post)
        send(world)
        world.moment += 60 * MINUTE
        office.accepted = ("sol", "nan")
        send(world)

    assert acts_alone_after(world) == [409, 303]


def acts_alone_after(world):
    """Status of acting alone, 14 and 15 minutes from now."""
    begun, found = world.moment, []
    for minutes in (14, 15):
        world.moment = begun + minutes * MINUTE
        found.append(decide(world, "sol", "alone").status_code)
    return found


def test_it_runs_once_every_guardian_was_tried(world, post):
    """Fails when one acts alone while emails to others, who might say no, still wait."""
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        with world.app.app_context(), unit_of_work():
            rows = db.session.scalars(select(OutgoingMail))
            [gus] = [each for each in rows if each.address == "gus@example.org"]
            gus.due_at = world.moment + 20 * MINUTE
        send(world)
        world.moment += 20 * MINUTE
        assert decide(world, "sol", "alone").status_code == 409
        send(world)

    assert acts_alone_after(world) == [409, 303]


def test_an_email_to_somebody_who_can_act_no_more_counts_for_nobody(world, post):
    """Fails when whoever was called can be removed, and so can say no no more."""
    with Refusing() as office:
        office.accepted = ("sol", "nan")
        office.serves(world)
        ask(world, post)
        send(world)
    with world.app.app_context(), unit_of_work():
        guardians.step_down(world.ids["nan"])
    world.moment += 16 * MINUTE

    assert decide(world, "sol", "alone").status_code == 409
    assert decide(world, "gus", "alone").status_code == 303


def test_a_guardian_of_the_circle_sees_nothing(world, post):
    name_guardians(world, "ivy")
    with PostOffice() as office:
        office.serves(world)
        ask(world, post)
        send(world)
        assert "ivy@example.org" not in str([each.rcpt_tos for each in office.envelopes])

    assert guardian(world, "ivy").get(case(world)).status_code == 404
    assert "Nothing is waiting for you." in guardian(world, "ivy").get("/guardian").text
