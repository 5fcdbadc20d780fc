import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum.accounts import links
from forum.accounts.models import Member, OneTimeLink, Purpose
from forum.core.db import db, unit_of_work
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


def send(client, url, **fields):
    return client.post(url, data=client.tokens(url) | LEE | fields)


def test_the_set_up_link_makes_the_lead(empty):
    client = empty.client()

    answer = send(client, empty.link())

    with empty.app.app_context():
        assert db.session.scalars(select(Member)).one().is_programme_lead
    assert "Who will look after the first circle?" in client.get(answer.location).text
    assert client.get("/service").status_code == 200


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
    assert "cannot send mail yet" in page
    assert "works on this computer only" not in page


@pytest.mark.parametrize(
    "site", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://a.localhost"]
)
def test_the_set_up_page_warns_of_local_links(empty, site):
    empty.app.config["SITE_URL"] = site

    assert "works on this computer only" in empty.client().get(empty.link()).text


def test_the_set_up_page_shows_mail_on(empty):
    empty.app.config["MAIL_SERVER"] = "mail.example.org"

    assert "This server can send mail." in empty.client().get(empty.link()).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "eleven char"}, "Use 12 to 256 characters."),
        ({"password": "x" * 257}, "Use 12 to 256 characters."),
        ({"address": "lee"}, "Write it like anna@example.org."),
        ({"address": "lee@example.org\nBcc: x@y.org"}, "Write it like anna@example.org."),
        ({"name": "  "}, "Type your name."),
        ({"name": "x" * 61}, "Use 2 to 60 characters."),
        ({"address": ""}, "Type a mail address."),
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
    assert not re.search(r'type="password"[^>]* value="[^"]', answer.text)
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
