import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from errno import EPERM
from socket import EAI_AGAIN, gaierror

import pytest
from sqlalchemy import func, select

from forum.accounts import links
from forum.accounts.models import Member, OneTimeLink, Purpose
from forum.core.db import db, unit_of_work
from forum.mail import outbox
from tests.accounts.people import sign_in
from tests.accounts.second_factors import add_app
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import PASSWORD, World

LEE = {"address": "lee@example.org", "name": "Lee", "password": PASSWORD}


class Empty(World):
    """Installation without accounts."""

    def _populate(self):
        self.ids |= {"rose": None, "thread": None}

    def link(self, life=timedelta(days=1)):
        """Path of a new set-up link."""
        with self.app.app_context(), unit_of_work():
            return f"/set-up/{links.issue(Purpose.SET_UP, life)}"

    def kept(self):
        """Number of (members, links) in the database."""
        with self.app.app_context():
            asked = (select(func.count()).select_from(table) for table in (Member, OneTimeLink))
            return tuple(db.session.scalar(each) for each in asked)


@pytest.fixture
def empty(tmp_path):
    return Empty(tmp_path)


def send(client, url, page=None, **fields):
    return client.post(url, data=client.tokens(page or url) | LEE | fields)


def test_the_set_up_link_makes_the_lead(empty):
    client = empty.client()

    answer = send(client, empty.link())

    with empty.app.app_context():
        assert db.session.scalars(select(Member)).one().is_programme_lead
    assert "The other pages open when the lock is added." in client.get(answer.location).text
    assert client.get("/service").location.startswith("/account/lock?")
    add_app(empty, client)
    assert "Who will moderate the first circle?" in client.get("/service/invite?first=yes").text


def test_viewing_a_link_changes_nothing(empty):
    url, client = empty.link(), empty.client()

    pages = [client.get(url) for _ in range(3)]

    assert {page.status_code for page in pages} == {200}
    assert empty.kept() == (0, 1)


def test_the_set_up_page_shows_the_settings(empty):
    empty.app.config["SITE_URL"] = "https://kettle.example"

    page = empty.client().get(empty.link()).text

    assert "https://kettle.example" in page
    assert str(empty.folder / "instance" / "root.key") in page
    assert "cannot send email yet" in page
    assert "works on this computer only" not in page


@pytest.mark.parametrize(
    "site", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://a.localhost"]
)
def test_the_set_up_page_warns_of_local_links(empty, site):
    empty.app.config["SITE_URL"] = site

    assert "works on this computer only" in empty.client().get(empty.link()).text


@contextmanager
def office_of(world):
    with PostOffice() as office:
        office.serves(world)
        yield office


def test_a_test_email_is_sent_from_the_set_up_page(empty):
    url, client = empty.link(), empty.client()
    page = Page(client.get(url))
    assert not [each for each in page.all("button") if "test email" in each.text]
    with office_of(empty) as office:
        assert Page(client.get(url)).field("test_address").value == ""
        answer = send(client, f"{url}/mail", page=url, test_address="lee@example.org")

    assert "The mail server took a test email." in answer.text
    [email] = office.letters
    assert (email["To"], email["Subject"]) == ("lee@example.org", "A test email from Kettle")
    assert empty.kept() == (0, 1)


def test_a_failed_test_email_gives_the_reason(empty):
    url, client = empty.link(), empty.client()
    with office_of(empty) as office:
        office.answer = "550 5.1.1 lee@example.org is unknown"
        refused = send(client, f"{url}/mail", page=url, test_address="lee@example.org")
        wrong = send(client, f"{url}/mail", page=url, test_address="lee")
    lost = send(client, f"{url}/mail", page=url, test_address="lee@example.org")

    assert "could not be sent (SMTPRecipientsRefused, 550)" in refused.text
    assert wrong.status_code == 422
    assert Page(wrong).error("test_address") == "Enter an email address like anna@example.org."
    assert "could not be sent (ConnectionRefusedError)" in lost.text


@pytest.mark.parametrize(
    "error",
    [PermissionError(EPERM, "Operation not permitted"), gaierror(EAI_AGAIN, "no name for now")],
    ids=["kernel", "names"],
)
def test_the_worker_sends_the_test_email_where_pages_reach_this_machine_alone(
    empty, monkeypatch, error
):
    """As forum-web.service does: its network is this machine."""
    url, client = empty.link(), empty.client()
    with office_of(empty) as office:
        tokens = client.tokens(url)

        def fenced(*_):
            raise error

        with monkeypatch.context() as fence:
            fence.setattr(socket, "create_connection", fenced)
            answer = client.post(f"{url}/mail", data=tokens | {"test_address": "lee@example.org"})
        assert office.letters == []
        with empty.app.app_context():
            outbox.send_due()

    assert "leaves with all others, within a minute" in answer.text
    assert [email["To"] for email in office.letters] == ["lee@example.org"]


def test_the_lead_sends_a_test_email_later(world):
    lee = world.client("lee")
    with office_of(world) as office:
        tokens = lee.tokens("/service")
        page = lee.get(lee.post("/service/mail/test", data=tokens).location)

    assert "The mail server took a test email." in page.text
    assert [email["To"] for email in office.letters] == ["lee@example.org"]


def test_a_line_stands_on_the_overview_until_mail_works(world):
    lee = world.client("lee")
    assert "cannot send email yet" in lee.get("/service").text
    with office_of(world) as office:
        office.answer = "451 later"
        with world.app.app_context(), unit_of_work():
            outbox.queue("ana@example.org", "Hello", "Hello")
        assert "waiting for hours" not in lee.get("/service").text
        world.moment += timedelta(hours=3)
        lee = world.client("lee")
        assert "Emails have been waiting for hours" in lee.get("/service").text
        office.answer = "250 OK"
        with world.app.app_context():
            outbox.send_due()
        assert "waiting for hours" not in lee.get("/service").text


SECOND = {
    "second": "y",
    "second_address": "lee.gp@example.org",
    "second_password": "otters asleep in the reeds",
}


def test_a_second_account_is_made_with_the_lead(empty):
    client = empty.client()
    page = client.get(send(client, empty.link(), **SECOND).location)

    assert "sign in with lee.gp@example.org." in page.text
    with empty.app.app_context():
        kept = {each.address: each for each in db.session.scalars(select(Member))}
        assert {who: each.is_programme_lead for who, each in kept.items()} == {
            "lee@example.org": True,
            "lee.gp@example.org": False,
        }
        assert {each.name for each in kept.values()} == {"Lee"}
    own = empty.client()
    assert sign_in(own, "lee.gp", SECOND["second_password"]).location == "/"
    assert own.get("/circles/open").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"second_address": "LEE@example.org"}, "second_address", "Use another email:"),
        ({"second_address": "lee"}, "second_address", "Enter an email address like"),
        ({"second_address": ""}, "second_address", "Enter an email address."),
        ({"second_password": ""}, "second_password", "Type a password."),
        ({"second_password": "short"}, "second_password", "Use 12 to 256 characters."),
    ],
)
def test_an_unusable_second_account_makes_neither(empty, wrong, field, said):
    url = empty.link()
    answer = send(empty.client(), url, **SECOND | wrong)

    assert answer.status_code == 422
    assert Page(answer).error(field).startswith(said)
    assert empty.kept() == (0, 1)


def test_second_fields_need_the_tick(empty):
    fields = SECOND | {"second_address": "nonsense"}
    del fields["second"]

    assert send(empty.client(), empty.link(), **fields).status_code == 303
    assert empty.kept()[0] == 1


def test_the_set_up_page_names_the_lead_as_outside_of_circles(empty):
    page = empty.client().get(empty.link()).text

    assert "This account can never read or join a circle." in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "eleven char"}, "Use 12 to 256 characters."),
        ({"password": "x" * 257}, "Use 12 to 256 characters."),
        ({"address": "lee"}, "Enter an email address like anna@example.org."),
        (
            {"address": "lee@example.org\nBcc: x@y.org"},
            "Enter an email address like anna@example.org.",
        ),
        ({"name": "  "}, "Type your name."),
        ({"name": "x" * 61}, "Use 2 to 60 characters."),
        ({"address": ""}, "Enter an email address."),
        ({"password": ""}, "Type a password."),
        ({"password": "Password1234"}, "This password is easy to guess."),
        ({"csrf_token": "stale"}, "open too long to be sent safely"),
    ],
)
def test_invalid_set_up_values_change_nothing(empty, wrong, said):
    url, client = empty.link(), empty.client()

    answer = send(client, url, **wrong)

    assert answer.status_code == 422
    assert said in answer.text
    assert (LEE | wrong)["address"].split("\n")[0] in answer.text
    assert not any(each.value for each in Page(answer).all("input", type="password"))
    assert empty.kept() == (0, 1)


def test_wrong_used_and_expired_links_look_alike(empty):
    used, late, spare = empty.link(), empty.link(timedelta(seconds=-1)), empty.link()
    send(empty.client(), used)

    answers = [empty.client().get(url) for url in (used, late, spare, "/set-up/none")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize("many", [False, True], ids=["one link", "a link each"])
def test_one_of_twenty_becomes_the_lead(empty, many):
    url = empty.link()
    urls = [empty.link() if many else url for _ in range(20)]
    clients = [empty.client() for _ in urls]
    tokens = [client.tokens(url) for client, url in zip(clients, urls, strict=True)]

    def attempt(number):
        sent = tokens[number] | LEE | {"address": f"lee{number}@example.org"}
        return clients[number].post(urls[number], data=sent).status_code

    with ThreadPoolExecutor(20) as at_once:
        answers = list(at_once.map(attempt, range(20)))

    assert answers.count(303) == 1
    assert set(answers) <= {303, 404, 503}  # 503: too many passwords at once
    assert empty.kept() == (1, 0)


def test_a_set_up_link_ends_with_an_account(world):
    with world.app.app_context(), unit_of_work():
        secret = links.issue(Purpose.SET_UP, timedelta(days=1))

    assert world.client().get(f"/set-up/{secret}").status_code == 404


def test_other_links_set_nothing_up(empty):
    with empty.app.app_context(), unit_of_work():
        secret = links.issue(Purpose.OPEN_CIRCLE, timedelta(days=1))

    assert empty.client().get(f"/set-up/{secret}").status_code == 404
