"""A pair: two people who write by their own names and look after it together."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from forum.authors.models import Author
from forum.circles import settings
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.offboarding.services import leave
from forum.policy.terms import AuthorMode, Role
from tests.circles import ways
from tests.page import Page

FIRST_LINE = "How often would you like to write, and for how long?"


def opened(world, who="pru", **typed):
    """The page after a pair was opened; its address is kept as the circle "pair"."""
    client = world.client(who)
    page = client.get("/circles/open").text
    there = ways.send(client, "/circles/open", page, name="Pru and Ray", kind="pair", **typed)
    found = re.match(r"/circles/([\w-]+)/", there.location)
    world.ids["pair"] = UUID(found[1])
    return client, there.location


def pair(world):
    """Pru and Ray as two; gives the circle's address."""
    opened(world)
    ways.joined(world.client("ray"), ways.link(world, "pru", "pair"))
    return f"/circles/{world.ids['pair']}/"


def test_a_pair_is_opened_without_asking_for_a_name(world):
    client, there = opened(world)

    page = client.get(client.get(there).location).text

    assert there.endswith("/write")
    assert FIRST_LINE in page
    assert "Which name should it appear under?" not in page
    assert "hide" not in Page(page).text.casefold()
    with world.app.app_context():
        assert [
            each.mode
            for each in db.session.scalars(select(Author).filter_by(circle_id=world.ids["pair"]))
        ] == [AuthorMode.OWN_NAME]


def test_both_of_a_pair_look_after_it(world):
    here = pair(world)

    with world.app.app_context():
        both = [world.standing(who, "pair") for who in ("pru", "ray")]
        assert [each.role for each in both] == [Role.MODERATOR] * 2
        assert both[0].modes == {AuthorMode.OWN_NAME}
        assert all(each.complete for each in both)
    page = world.client("ray").get(here).text
    assert "Moderator page" in page
    for absent in ("Rota", "Message the moderators", "Rounds to look after", "Invite", "hide"):
        assert absent not in Page(page).text


def test_nobody_joins_a_pair_that_has_been_two(world):
    here = pair(world)
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids["ray"], world.ids["pair"], words_go=False)

    page = world.client("pru").get(here).text

    with world.app.app_context():
        assert world.standing("pru", "pair").members == 1
    assert "Invite" not in page
    assert world.client("pru").get(f"{here}invite").status_code == 403


@pytest.mark.parametrize("page", ["rota", "year", "ways-to-talk"])
def test_a_pair_has_no_such_page(world, page):
    here = pair(world)

    assert world.client("ray").get(here + page).status_code == 403


def test_only_two_ways_to_talk_are_offered_in_a_pair(world):
    here = pair(world)
    client = world.client("ray")

    page = Page(client.get(client.get(here + "write").location))

    offered = [each["value"] for each in page.all("input", name="talk")]
    assert {*offered} <= {"suits", "", "inviting_change"}
    assert "inviting_change" in offered


def test_settings_of_a_pair_leave_names_as_they_are(world):
    here = pair(world)
    client = world.client("ray")
    page = client.get(here + "settings")

    ways.send(
        client, here + "settings", page.text, name="The two of us", modes="pseudonym", slots="09:00"
    )

    with world.app.app_context():
        circle = db.session.get(Circle, world.ids["pair"])
        assert (circle.name, circle.slots) == ("The two of us", "07:00 19:00")
        assert circle.modes == {AuthorMode.OWN_NAME}
    assert "hidden name" not in Page(page).text


def test_no_request_changes_the_ways_of_a_pair(world):
    """Fails when a page made by hand lets one of two write under a hidden name."""
    pair(world)
    with world.app.app_context():
        standing = world.standing("ray", "pair")
        known = settings.settings(standing)
        wanted = replace(known, name="Us two", slots="09:00", modes=(AuthorMode.THREAD_PSEUDONYM,))
        with unit_of_work():
            settings.change(standing, wanted, known.version)

        assert settings.settings(standing) == replace(known, name="Us two")


@pytest.mark.parametrize("who", ["pru", "ray"])
def test_either_of_a_pair_closes_and_the_other_keeps_it(world, who):
    here, other = pair(world), {"pru": "ray", "ray": "pru"}[who]

    world.client(who).submit(f"{here}closing")
    closing = world.client(other).get(here).text
    world.client(other).submit(f"{here}closing/call-off")

    assert "This circle closes on" in closing
    with world.app.app_context():
        assert world.standing(who, "pair").writable


def test_a_closed_pair_is_gone_after_thirty_days(world):
    here = pair(world)
    world.client("ray").submit(f"{here}closing")

    world.moment += timedelta(days=31)
    world.app.test_cli_runner().invoke(args=["forum", "purge"])

    with world.app.app_context():
        assert not key_ring().keeps(world.ids["pair"])
    assert world.client("pru").get(here).status_code == 404


def test_a_quiet_pair_is_left_in_peace(world):
    here = pair(world)
    world.present("ray", "Once a week", "For a year, I thought.", circle="pair")
    world.moment += timedelta(days=20)

    home, page = (Page(world.client("pru").get(url)) for url in ("/", here))

    assert "Quiet lately" not in page.text
    assert [each.text for each in home.all("label", for_="line")] == ["Rose"]  # not the pair
