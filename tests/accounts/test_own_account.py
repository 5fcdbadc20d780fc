from datetime import timedelta

import pytest

from forum.accounts import passwords, services
from forum.core.db import unit_of_work
from forum.mail.outbox import send_due
from tests.accounts.people import is_in, sign_in
from tests.accounts.test_reset import LINK, deliver, link_for
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import PASSWORD

NEW = "two hedgehogs in the rain"
ELSEWHERE = "ray@elsewhere.example"
SIGNED_IN = "You signed in."


def submit(client, url, **fields):
    return client.post(url, data=client.tokens(url) | fields)


def change_password(client, old=PASSWORD, new=NEW):
    return submit(client, "/account/password", old_password=old, password=new)


def change_address(client, address=ELSEWHERE, password=PASSWORD):
    return submit(client, "/account/address", address=address, password=password)


def goes_in(world, address, password):
    client = world.client()
    fields = client.tokens("/sign-in") | {"email": address, "password": password}
    return client.post("/sign-in", data=fields | {"device": "shared"}).status_code == 303


def test_a_new_password_ends_other_sessions(world):
    here, there = world.client(), world.client()
    sign_in(here, "ray")
    sign_in(there, "ray")
    reset = link_for(world)
    with PostOffice() as office:
        office.serves(world)
        assert change_password(here).location == "/account"
        deliver(world)

    assert is_in(here)
    assert not is_in(there)
    assert world.client().get(reset).status_code == 410
    assert not goes_in(world, "ray@example.org", PASSWORD)
    assert goes_in(world, "ray@example.org", NEW)
    assert [letter["To"] for letter in office.letters] == ["ray@example.org"]
    assert "Your password was changed." in here.get("/account").text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("not mine at all", NEW, "That password is not right. Try again."),
        (PASSWORD, "short", "Use 12 to 256 characters."),
        (PASSWORD, "Password1234", "password is easy to guess"),
        (PASSWORD, "ray@example.org", "password is easy to guess"),
        ("", NEW, "Enter your password."),
        (PASSWORD, "", "Enter a new password."),
    ],
)
def test_a_refused_password_changes_nothing(world, old, new, said):
    answer = change_password(world.client("ray"), old, new)

    assert answer.status_code == 422
    assert answer.text.count(said) == 2
    assert goes_in(world, "ray@example.org", PASSWORD)


def test_with_mail_a_new_address_is_confirmed(world):
    client = world.client("ray")
    with PostOffice() as office:
        office.serves(world)
        change_address(client)
        deliver(world)
        [asked] = office.letters
        assert not goes_in(world, ELSEWHERE, PASSWORD)
        link = LINK.search(asked.get_content())[1]
        assert ELSEWHERE in client.get(link).text
        assert world.client("fay").get(link).status_code == 410
        assert submit(client, link).location == "/account"
        deliver(world)

    assert [letter["To"] for letter in office.letters] == [ELSEWHERE, "ray@example.org"]
    assert goes_in(world, ELSEWHERE, PASSWORD)
    assert not goes_in(world, "ray@example.org", PASSWORD)
    assert client.get(link).status_code == 410
    assert "Your email address was changed." in client.get("/account").text


def test_a_new_address_ends_other_sessions(world):
    """Fails when whoever changed an address stays signed in elsewhere too."""
    other = world.client()
    sign_in(other, "ray")
    client = world.client("ray")
    change_address(client)

    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_without_mail_an_address_changes_at_once(world):
    client = world.client("ray")
    assert change_address(client).location == "/account"

    assert goes_in(world, ELSEWHERE, PASSWORD)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        (ELSEWHERE, "not mine at all"),
        ("fay@example.org", PASSWORD),
        ("FAY@EXAMPLE.ORG", PASSWORD),
        ("no address", PASSWORD),
        ("a@b", PASSWORD),
        ("a@b.c\r\nBcc: d@e.fg", PASSWORD),
        ("a,b@example.org", PASSWORD),
        ("x" * 250 + "@example.org", PASSWORD),
        ("", PASSWORD),
    ],
)
def test_an_unusable_address_changes_nothing(world, address, password):
    client = world.client("ray")

    assert change_address(client, address, password).status_code == 422
    assert goes_in(world, "ray@example.org", PASSWORD)


def test_an_address_taken_meanwhile_is_not_confirmed(world):
    client = world.client("ray")
    with PostOffice() as office:
        office.serves(world)
        change_address(client)
        deliver(world)
        [letter] = office.letters
    with world.app.app_context():
        kept = passwords.hashed(NEW)
        with unit_of_work():
            services.register(ELSEWHERE, "Dr Elsewhere", kept)

    link = LINK.search(letter.get_content())[1]
    answer = client.post(link, data=client.tokens("/account"))

    assert answer.status_code == 410
    assert goes_in(world, ELSEWHERE, NEW)
    assert goes_in(world, "ray@example.org", PASSWORD)


def test_no_email_goes_to_a_used_address(world):
    with PostOffice() as office:
        office.serves(world)
        change_address(world.client("ray"), "fay@example.org")
        with world.app.app_context():
            assert send_due() == 0


@pytest.mark.parametrize(
    ("zone", "status"), [("Australia/Adelaide", 303), ("Mars/Olympus", 422), ("", 422)]
)
def test_days_show_in_the_chosen_zone(world, zone, status):
    client = world.client("ray")
    world.moment = world.moment.replace(hour=22)
    sign_in(world.client(), "ray")

    assert client.submit("/account/timezone", timezone=zone).status_code == status
    there = "Tuesday 3 March" if status == 303 else "Monday 2 March"
    devices = Page(client.get("/account")).text
    assert f"shared or work computer, since {there}" in devices


def test_failed_sign_ins_show_for_thirty_days(world):
    for _ in range(3):
        sign_in(world.client(), "ray", "a wrong guess")
    said = "A wrong password was entered for your account."
    assert world.client("ray").get("/account").text.count(said) == 1
    assert said not in world.client("fay").get("/account").text
    world.moment = world.moment.replace(month=4, day=2)

    assert said not in world.client("ray").get("/account").text


@pytest.mark.parametrize("who", ["ray", "lee"])
def test_every_account_has_its_page(world, who):
    page = Page(world.client(who).get("/account"))
    links = {each["href"] for each in page.all("a") if each["href"].startswith("/account")}

    assert f"{who}@example.org" in page.text
    assert f"Dr {who.title()}" in page.text
    assert len(links) > 3
    for link in links:
        assert world.client(who).get(link).status_code == 200


def test_events_show_on_the_owners_day(world):
    """Fails when a row's UTC day is shown: in Auckland that is yesterday, all morning."""
    client = world.client("ray")
    client.submit("/account/timezone", timezone="Pacific/Auckland")
    world.moment = world.moment.replace(day=3, hour=20)  # Wednesday 4 March there, 9:00
    sign_in(world.client(), "ray")
    world.moment = world.moment.replace(day=4, hour=7)  # its evening, and another UTC day
    sign_in(world.client(), "ray")

    activity = Page(client.get("/account")).one("main").all("dl")[-1]
    said = [each.text for each in activity.walk()]
    assert said[:2] == ["Wednesday 4 March", SIGNED_IN]
    assert said.count(SIGNED_IN) == 1

    world.moment = world.moment.replace(hour=20)  # Thursday there, and that UTC day is noted
    sign_in(world.client(), "ray")
    assert "Thursday 5 March" in world.client("ray").get("/account").text


def test_ending_other_sessions_needs_a_fresh_password(world):
    """Fails when whoever finds a browser open signs its owner out everywhere else."""
    other = world.client()
    sign_in(other, "ray")
    client = world.client("ray")
    world.moment += timedelta(minutes=11)
    asked = client.submit("/account/sessions/end-others")

    assert asked.status_code == 401
    assert is_in(other)
