"""Programme leads by command: handing over, a second one, one less; the last one stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts.models import Member
from forum.core.db import db
from forum.mail import outbox
from tests.accounts.people import is_in
from tests.accounts.second_factors import add_app
from tests.operations.test_people_commands import lines, run
from tests.page import Page
from tests.postoffice import PostOffice
from tests.programme.test_set_up import send

NEW = {"address": "lou@example.org", "name": "Lou", "password": "a long evening in May"}


def leads(world):
    with world.app.app_context():
        found = db.session.scalars(select(Member).filter_by(is_programme_lead=True))
        return sorted(each.address.partition("@")[0] for each in found)


def link(world, *words):
    answer = run(world, "lead", *words)
    assert answer.exit_code == 0, answer.output
    return answer.output.split("http://localhost")[1].strip()


def log(client):
    return client.get("/service/log").text


def test_a_lead_hands_over(world):
    """Fails when the one before keeps the role or a session, or anybody learns nothing of it."""
    before, fresh = world.client("lee"), world.client()
    assert is_in(before)
    with PostOffice() as office:
        office.serves(world)
        url = link(world, "hand-over", "lee@example.org")
        assert "You take over" in fresh.get(url).text
        assert leads(world) == ["lee"]

        answer = send(fresh, url, **NEW)
        with world.app.app_context():
            outbox.send_due()

    assert answer.location.startswith("/account/lock")
    assert leads(world) == ["lou"]
    assert not is_in(before)
    add_app(world, fresh)
    assert "A programme lead handed over to another." in log(fresh)
    assert "A link to become programme lead was made on the server." in log(fresh)
    assert [each["To"] for each in office.letters] == ["lee@example.org"]
    assert world.client("lee").get("/service").status_code == 404
    assert send(world.client(), url, page="/sign-in", **NEW).status_code == 404


def test_a_second_lead_is_added_and_one_ends(world):
    fresh = world.client()
    send(fresh, link(world, "add"), **NEW)
    assert leads(world) == ["lee", "lou"]
    before = world.client("lee")

    done = run(world, "lead", "end", "lee@example.org")

    assert "is signed out" in done.output
    assert leads(world) == ["lou"]
    assert not is_in(before)
    add_app(world, fresh)
    assert "A programme lead was added." in log(fresh)
    assert "Someone is no longer programme lead." in log(fresh)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("end", "lee@example.org"), "only programme lead"),
        (("end", "ray@example.org"), "not a programme lead's"),
        (("end", "nobody@example.org"), "No account uses that address."),
        (("hand-over", "ray@example.org"), "not a programme lead's"),
        (("hand-over", "nobody@example.org"), "No account uses that address."),
        (("hand-over", "lee"), "No account uses that address."),
        (("hand-over", ""), "No account uses that address."),
    ],
)
def test_a_wrong_account_changes_nothing(world, words, said):
    before = lines(world)

    answer = run(world, "lead", *words)

    assert (answer.exit_code, said in answer.output) == (1, True), answer.output
    assert (leads(world), lines(world)) == (["lee"], before)
    assert is_in(world.client("lee"))


@pytest.mark.parametrize("address", ["ray@example.org", "lee@example.org", "no address"])
def test_an_address_in_use_joins_no_lead(world, address):
    """Fails when the link is used up by a form that came back."""
    url = link(world, "hand-over", "lee@example.org")

    answer = send(world.client(), url, **NEW | {"address": address})

    assert answer.status_code == 422
    assert Page(answer).error("address")
    assert leads(world) == ["lee"]
    assert world.client().get(url).status_code == 200


def test_only_the_newest_link_works_and_for_a_day(world):
    first, second = link(world, "add"), link(world, "hand-over", "lee@example.org")
    assert world.client().get(first).status_code == 404

    world.moment += timedelta(hours=25)

    assert world.client().get(second).status_code == 404
    assert leads(world) == ["lee"]


def test_a_link_of_a_lead_who_ended_meanwhile_is_dead(world):
    """Fails when a link hands over a role that its holder has no more."""
    send(world.client(), link(world, "add"), **NEW)
    url = link(world, "hand-over", "lou@example.org")

    run(world, "lead", "end", "lou@example.org")

    assert world.client().get(url).status_code == 404


def test_an_interrupted_handing_over_changes_nothing(world, monkeypatch):
    """Fails when the one before loses the role while nobody else has it."""
    url = link(world, "hand-over", "lee@example.org")

    def cut(*_):
        raise ConnectionAbortedError

    monkeypatch.setattr("forum.programme.services._registered", cut)
    with pytest.raises(ConnectionAbortedError):
        send(world.client(), url, **NEW)

    monkeypatch.undo()
    assert leads(world) == ["lee"]
    assert is_in(world.client("lee"))
    assert send(world.client(), url, **NEW).status_code == 303
