"""A lost mail address corrected by command: told at once, a day to stop it, then a closed week."""

from datetime import timedelta

import pytest

from forum import worker
from forum.accounts import account_recovery, services
from forum.accounts.queries import account
from forum.core.db import unit_of_work
from tests.accounts.people import is_in, sign_in
from tests.accounts.second_factors import add_app
from tests.operations.test_people_commands import lines, run
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import PASSWORD

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CORRECT = ("address", "correct", "ray@example.org", "ray@elsewhere.example")
BANNER = "Someone says that you no longer have your mailbox"
STOP = "This was not me"


def begin(world):
    answer = run(world, *CORRECT)
    assert answer.exit_code == 0, answer.output


def address(world, who="ray"):
    with world.app.app_context():
        return account(world.ids[who]).address


def work(world, span=timedelta(0)):
    world.moment += span
    with world.app.app_context():
        worker.run_due_jobs()


def log(world):
    return world.client("lee").get("/service/log").text


def test_an_address_changes_after_a_day(world):
    """Fails when it changes sooner, its owner is not told, or a session or link outlives it."""
    ray = world.client("ray")
    ray.get("/")
    with PostOffice() as office:
        office.serves(world)
        begin(world)
        work(world, DAY - HOUR)
        assert address(world) == "ray@example.org"
        assert BANNER in " ".join(ray.get("/account").text.split())
        world.moment += 3 * HOUR
        reset = run(world, "reset-link", "ray@example.org").output.split("localhost")[1].strip()
        assert world.client().get(reset).status_code == 200
        work(world)
        work(world)  # what was queued by the run before

    assert address(world) == "ray@elsewhere.example"
    told = [(each["To"], each["Subject"]) for each in office.letters]
    assert told == [
        ("ray@example.org", "Someone asks to change your email for Kettle"),
        ("ray@example.org", "Your email address for Kettle has changed"),
    ]
    assert not is_in(ray)
    assert world.client().get(reset).status_code == 410
    client = world.client()
    page = client.get("/sign-in")
    typed = {"email": "ray@elsewhere.example", "password": PASSWORD, "device": "shared"}
    assert client.post("/sign-in", data=client.tokens_of(page) | typed).status_code == 303
    assert "another email address was asked for an account" in log(world)
    assert "was changed from the server" in log(world)


def test_a_change_by_its_owner_ends_a_correction(world):
    """Fails when an operator's correction overwrites the address that its owner chose meanwhile."""
    ray = world.client("ray")
    begin(world)
    assert BANNER in " ".join(ray.get("/account").text.split())
    form = "/account/address"
    typed = {"address": "ray.anew@example.org", "password": PASSWORD}
    assert ray.post(form, data=ray.tokens(form) | typed).status_code == 303
    assert is_in(ray)
    assert BANNER not in " ".join(ray.get("/account").text.split())
    work(world, DAY + HOUR)

    assert address(world) == "ray.anew@example.org"
    assert "was cancelled" in log(world)


def test_hidden_posts_stay_closed_for_a_week(world):
    """Fails when whoever holds the new address reads at once what was written behind masks."""
    begin(world)
    work(world, DAY + 2 * HOUR)
    own = f"/circles/{world.ids['rose']}/your-words"

    closed = world.client("ray").get(own).status_code
    world.moment += 7 * DAY + 2 * HOUR

    assert (closed, world.client("ray").get(own).status_code) == (403, 200)


def test_its_owner_stops_it(world):
    """Fails when the change goes on, or can be asked for again at once."""
    ray = world.client("ray")
    begin(world)
    page = Page(ray.get("/account"))
    assert page.button(STOP)

    for said in ("Your email address stays as it is.", "It is stopped already."):
        shown = Page(ray.get(ray.submit("/account/lock/not-me").location)).text
        assert (said in shown, "Your second lock stays on" in shown) == (True, False)
    work(world, 2 * DAY)

    assert address(world) == "ray@example.org"
    assert BANNER not in " ".join(world.client("ray").get("/account").text.split())
    assert "said that it was not them" in log(world)
    again = run(world, *CORRECT)
    assert (again.exit_code, "stopped by its owner" in again.output) == (1, True)
    assert "Ask after 09 March 2026" in again.output


def test_its_owner_stops_it_before_adding_a_factor_that_is_due(world):
    """Fails when the button leads to the page on which it stands, and the address changes."""
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).factor_asked = "2025-01-01"
    ray = world.client()
    asked = sign_in(ray, "ray").location
    begin(world)

    page = Page(ray.get(asked))
    assert page.button(STOP)
    assert BANNER in page.text
    ray.post("/account/lock/not-me", data=ray.tokens(asked))
    assert "Your email address stays as it is." in Page(ray.get(asked)).text
    work(world, 2 * DAY)

    assert address(world) == "ray@example.org"


def test_an_operator_cancels_a_slip_and_begins_anew(world):
    begin(world)
    assert run(world, "address", "cancel", "ray@example.org").exit_code == 0
    assert run(world, "address", "cancel", "ray@example.org").exit_code == 1

    begin(world)
    work(world, DAY + 2 * HOUR)

    assert address(world) == "ray@elsewhere.example"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("nobody@example.org", "new@example.org", "No account uses that address."),
        ("ray@example.org", "fay@example.org", "cannot be used"),
        ("ray@example.org", "RAY@example.org", "cannot be used"),
        ("ray@example.org", "no address", "like anna@example.org"),
        ("sol@example.org", "new@example.org", "suspended"),
    ],
)
def test_a_wrong_address_changes_nothing(world, old, new, said):
    with world.app.app_context(), unit_of_work():
        services.suspend("sol@example.org")
    before = lines(world)

    answer = run(world, "address", "correct", old, new)

    assert (answer.exit_code, said in answer.output) == (1, True), answer.output
    assert lines(world) == before


def test_twice_is_said_and_changes_nothing(world):
    begin(world)

    again = run(world, *CORRECT)

    assert (again.exit_code, "under way" in again.output) == (1, True)


def vouch(world, *who, alone=False):
    add_app(world, world.client("ray"))
    for each in who:
        with world.app.app_context(), unit_of_work():
            account_recovery.vouch(world.ids["ray"], world.ids[each], alone=alone)


def test_a_press_that_comes_too_late_stops_nothing(world):
    """Fails when its owner reads that it is stopped, and the address has changed."""
    ray = world.client("ray")
    ray.get("/")
    begin(world)
    assert run(world, "address", "cancel", "ray@example.org").exit_code == 0

    shown = Page(ray.get(ray.submit("/account/lock/not-me").location)).text

    assert "There is nothing to stop any more." in shown


def test_one_colleague_holds_up_no_correction(world):
    """Fails when half of a vouching, which an operator cannot see or end, refuses the command."""
    vouch(world, "ivy")

    begin(world)
    work(world, DAY + 2 * HOUR)

    assert address(world) == "ray@elsewhere.example"


def test_a_correction_says_what_is_in_its_way(world):
    """Fails when an operator is told of an owner who stopped nothing, or not until when."""
    vouch(world, "mo", alone=True)
    vouched = run(world, *CORRECT)
    assert run(world, "second-factor", "reset", "ray@example.org").exit_code == 0
    done = run(world, *CORRECT)
    world.moment += 7 * DAY + 2 * HOUR

    assert (vouched.exit_code, "Colleagues vouched" in vouched.output) == (1, True)
    assert "10 March 2026" in " ".join(vouched.output.split())  # a day, and the lead's seven
    assert done.exit_code == 1
    assert "hidden posts are closed until" in " ".join(done.output.split())
    assert run(world, *CORRECT).exit_code == 0


def test_an_address_taken_meanwhile_is_not_given_twice(world):
    """Fails when two accounts would have one address, or the worker stops at it."""
    begin(world)
    with world.app.app_context(), unit_of_work():
        services.register("ray@elsewhere.example", "Dr Ruth", "hash")

    work(world, DAY + 2 * HOUR)

    assert address(world) == "ray@example.org"
    assert "A change of an email address was cancelled." in log(world)


def test_an_account_suspended_meanwhile_gets_no_other_address(world):
    """Fails when a correction goes on for an account that was suspended since."""
    begin(world)
    with world.app.app_context(), unit_of_work():
        services.suspend("ray@example.org")

    work(world, DAY + 2 * HOUR)

    assert address(world) == "ray@example.org"
    assert "A change of an email address was cancelled." in log(world)


def test_the_only_lead_gets_another_address(world):
    answer = run(world, "address", "correct", "lee@example.org", "lead@example.org")
    assert answer.exit_code == 0

    work(world, DAY + 2 * HOUR)

    assert address(world, "lee") == "lead@example.org"
    assert world.client("lee").get("/service").status_code == 200


def test_an_interrupted_change_is_done_by_the_next_run(world, monkeypatch):
    """Fails when the address changes while its links or sessions live on."""
    ray = world.client("ray")
    ray.get("/")
    begin(world)

    def cut(*_):
        raise ConnectionAbortedError

    monkeypatch.setattr("forum.accounts.sessions.end_all", cut)
    work(world, DAY + 2 * HOUR)
    assert address(world) == "ray@example.org"
    assert is_in(ray)
    monkeypatch.undo()

    work(world)

    assert address(world) == "ray@elsewhere.example"
    assert not is_in(ray)
