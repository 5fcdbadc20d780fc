from datetime import timedelta

import pytest

from forum.accounts.passwords import hashed
from forum.accounts.services import register
from forum.circles.services import found
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.discussions.post_queries import own
from forum.discussions.posts import withdraw
from forum.mail.models import OutgoingMail, State
from forum.mail.outbox import queue
from forum.policy.terms import AuthorMode
from forum.programme import queries
from forum.programme.queries import rounded
from tests.page import Page
from tests.world import EVENING, PASSWORD

PAGES = ("/service", "/service/invite", "/service/accounts")


def numbers(world):
    with world.app.app_context():
        return queries.numbers()


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1000, 1000)]
)
def test_counts_are_rounded_to_five(count, shown):
    assert rounded(count) == shown


def test_the_account_count_omits_the_lead(world):
    with world.app.app_context(), unit_of_work():  # nine of the cast and four more
        password = hashed(PASSWORD)
        for number in range(4):
            register(f"{number}@example.org", f"Dr {number}", password)

    page = Page(world.client("lee").get("/service")).one("main").text

    assert numbers(world).accounts == 15
    assert "about 15" in page
    assert "13" not in page


def test_circles_without_key_do_not_count(world):
    with world.app.app_context():
        with unit_of_work():
            third = found("Third").id
        for _ in range(2):
            world.reply("ray", "Been there.")  # with the opening, three posts in Rose
        before = numbers(world)
        key_ring().destroy_circle(third)
        without_third = numbers(world)
        key_ring().destroy_circle(world.ids["rose"])

    assert (before.circles, before.posts) == (5, 5)
    assert (without_third.circles, without_third.posts) == (0, 5)
    assert numbers(world).posts == 0


def test_posts_count_while_visible_and_recent(world):
    world.reply("ray", "Been there.")
    hidden = world.reply("fay", "I too.", AuthorMode.THREAD_PSEUDONYM)
    early = numbers(world).posts
    world.moment = EVENING
    late = numbers(world).posts
    world.moment = EVENING + timedelta(days=31)
    old = numbers(world).posts
    world.moment = EVENING
    with world.app.app_context():
        standing = world.standing("fay")
        post = own(standing)[hidden]
        with unit_of_work():
            withdraw(standing, post, at_once=True)

    assert (early, late, old) == (0, 5, 0)
    assert numbers(world).posts == 0


def test_failed_emails_are_only_counted(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    with world.app.app_context(), unit_of_work():
        for number in range(7):
            queue(f"canary{number}@example.org", "Canary", "Canary")
        lost = OutgoingMail(due_at=world.moment, state=State.GIVEN_UP)
        lost.address = lost.subject = lost.text = ""
        db.session.add(lost)

    page = Page(world.client("lee").get("/service")).one("main").text

    assert "about 5" in page
    assert "up to 5" in page
    assert "anary" not in page


def test_the_overview_shows_current_settings(world):
    world.app.config |= {
        "SITE_NAME": "Copper",
        "SITE_URL": "https://copper.example",
        "OPERATOR": "the Copper trust",
        "OWN_DEVICE_ALLOWED": False,
    }

    page = Page(world.client("lee").get("/service")).one("main").text

    for said in ("Copper", "https://copper.example", "the Copper trust", "not allowed"):
        assert said in page
    assert "cannot send email yet" in page
    assert "root.key" not in page


@pytest.mark.parametrize("url", PAGES)
def test_the_leads_pages_show_no_content(world, url):
    world.reply("ray", "A canary sang.")
    world.reply("fay", "Zebrafinch.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING

    page = world.client("lee").get(url)

    assert page.status_code == 200
    names = [f"Dr {who.title()}" for who in world.ids if who != "lee"]
    ids = [str(known) for who, known in world.ids.items() if who != "lee"]
    for told in (*names, *ids, "Rose", "Oak", "canary", "Zebrafinch", "Torn between", "hard mor"):
        assert told not in page.text


@pytest.mark.parametrize("url", ["/search", "/circles/{rose}/", "/circles/{rose}/your-words"])
def test_the_lead_gets_404_for_circles(world, url):
    answer = world.client("lee").get(url.format(**world.ids))

    assert answer.status_code == 404
