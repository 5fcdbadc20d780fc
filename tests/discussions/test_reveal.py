"""Reveal: hidden presenters show their everyday name in one thread, from a slot, for good."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from forum.authors.models import Author
from forum.core.db import db
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode
from tests.blanking import blank
from tests.moderation.test_flag import flag
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING

HIDDEN, NAMED = AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME
NEXT_MORNING = EVENING + timedelta(hours=12)


@pytest.fixture
def told(world):
    """The address of Ray's thread, told behind a hidden name and visible."""
    return begun(world)


def begun(world, mode=HIDDEN, who="ray"):
    world.ids["told"] = world.present(who, "Told", "Words.", mode)
    world.moment = EVENING + timedelta(minutes=1)
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


def own_page(world):
    return f"/circles/{world.ids['rose']}/your-words"


def link(world, who="ray"):
    links = Page(world.client(who).get(own_page(world))).all("a")
    found = [each["href"] for each in links if each.text == "Show your everyday name"]
    return found[-1] if found else None  # of the oldest thread


def hidden_name(world):
    with world.app.app_context():
        return row_of(Thread, world.ids["told"]).author.name


def shown(world, told, who="pru"):
    return world.client(who).get(told).text


def reveal(world):
    return world.client("ray").submit(link(world), sure="1")


def names_and_posts(world):
    with world.app.app_context():
        names = {e.id: (e.mode, e.name, e.holder_key) for e in db.session.scalars(select(Author))}
        posts = {
            e.id: (e.author_id, e.appears_at, e.body)
            for kind in (Thread, Reply)
            for e in db.session.scalars(select(kind))
        }
    return names, posts


def test_the_name_shows_from_the_next_slot_on(world, told):
    said = f"{hidden_name(world)} was Dr Ray."
    for who in ("pru", "ray", "mo"):
        shown(world, told, who)  # read once, nothing is new in it
    before = {who: blank(shown(world, told, who)) for who in ("pru", "ray", "mo")}

    assert reveal(world).status_code == 303

    assert {who: blank(shown(world, told, who)) for who in before} == before
    world.moment = NEXT_MORNING + timedelta(minutes=1)
    for who in before:
        assert said in shown(world, told, who)


def test_it_is_asked_twice_and_says_what_it_costs(world, told):
    ray, page = world.client("ray"), link(world)

    first = ray.get(page).text
    second = ray.submit(page).text
    world.moment = NEXT_MORNING + timedelta(minutes=1)

    assert "It also makes others with hidden names in this thread easier to guess." in first
    assert "This cannot be undone. Are you sure?" in second
    assert "was Dr Ray." not in shown(world, told)


def test_it_cannot_be_undone_and_happens_once(world, told):
    page = link(world)
    reveal(world)
    with world.app.app_context():
        before = row_of(Thread, world.ids["told"]).revealed

    world.client("ray").submit(page, sure="1")

    assert link(world) is None
    with world.app.app_context():
        assert row_of(Thread, world.ids["told"]).revealed == before


@pytest.mark.parametrize(("mode", "who"), [(NAMED, "ray"), (AuthorMode.CIRCLE_VOICE, "ray")])
def test_only_a_hidden_presenter_is_offered_it(world, mode, who):
    begun(world, mode, who)

    assert link(world, who) is None


def test_nobody_else_opens_it(world, told):
    page = link(world)

    for who in ("pru", "mo"):
        assert world.client(who).get(page).status_code == 404
        assert world.client(who).submit(page, sure="1").status_code == 404


@pytest.mark.leaks
def test_nothing_else_is_tied_by_it(world, told):
    """Fails when a reveal touches an author row, another thread or a post, or its name is in clear.

    The one exception of M7: a line beside the opening, chosen by its presenter.
    """
    other = world.present("ray", "Another", "Words.", HIDDEN)
    world.moment += timedelta(hours=13)
    before = names_and_posts(world)

    reveal(world)
    world.moment += timedelta(hours=13)

    assert names_and_posts(world) == before
    url = f"/circles/{world.ids['rose']}/threads/{other}"
    assert "was Dr Ray." not in shown(world, url)
    with world.app.app_context():
        sealed = db.session.execute(text("SELECT revealed FROM thread")).scalars().all()
        [own] = [e.id for e in db.session.scalars(select(Author)) if e.name == "Dr Ray"]
    [kept] = [each for each in sealed if each]
    assert len(kept) == 2 + 12 + 256 + 16
    assert own.hex.encode() not in kept


def test_withdrawing_the_opening_takes_it_along(world, told):
    reveal(world)
    world.moment = NEXT_MORNING + timedelta(minutes=1)
    page = link_to(world, "Withdraw")

    world.client("ray").submit(page, do="now")

    assert "was Dr Ray." not in shown(world, told)
    with world.app.app_context():
        assert row_of(Thread, world.ids["told"]).revealed == ""


def test_a_withdrawal_at_its_slot_takes_it_along(world, told):
    """Fails when, until the worker has come, the name stands beside a withdrawn opening."""
    reveal(world)
    world.moment = NEXT_MORNING + timedelta(minutes=1)
    assert "was Dr Ray." in shown(world, told)
    world.client("ray").submit(link_to(world, "Withdraw"))
    assert "was Dr Ray." in shown(world, told)

    world.moment = NEXT_MORNING + timedelta(hours=12, minutes=1)

    assert "was Dr Ray." not in shown(world, told)
    with world.app.app_context():
        assert not row_of(Thread, world.ids["told"]).withdrawn


def test_a_hidden_opening_shows_no_name(world, told):
    reveal(world)
    world.moment = NEXT_MORNING + timedelta(minutes=1)

    flag(world, "ivy", world.ids["told"])

    assert "was Dr Ray." not in shown(world, told)


def link_to(world, label):
    links = Page(world.client("ray").get(own_page(world))).all("a")
    return next(each["href"] for each in links if each.text == label)


def test_your_posts_say_when_a_name_will_show(world, told):
    reveal(world)

    waiting = world.client("ray").get(own_page(world)).text
    world.moment = NEXT_MORNING
    shows = world.client("ray").get(own_page(world)).text

    assert "your everyday name shows about 7 tomorrow morning" in waiting.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "your everyday name shows" not in shows
    assert "your everyday name shows" not in world.client("pru").get(own_page(world)).text
