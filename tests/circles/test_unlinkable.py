"""Limits of an inviter's knowledge (E6)."""

import re

import pytest
from sqlalchemy import select

from forum.circles.models import Invitation
from forum.core.db import db
from tests.blanking import blank
from tests.circles import ways
from tests.page import Page
from tests.routes import parts_of, routes_of
from tests.world import World


def seen_by_mo(world):
    """Every page open to the inviter, with random parts blanked."""
    client = world.client("mo")
    urls = [url for _, method, url in routes_of(world, world.parts, "mo") if method == "GET"]
    answers = {url: client.get(url) for url in urls if not url.startswith("/static/")}
    pages = {url: each for url, each in answers.items() if each.mimetype == "text/html"}
    return [blank(each.text) for each in pages.values()]


def two(folder):
    """Two identical installations."""
    worlds = [World(folder / name) for name in ("one", "other")]
    for world in worlds:
        world.parts = parts_of(world)
    return worlds


def without_people(page):
    lists = r'<ul class="people">.*?</ul>|<h2>People in this circle</h2>\s*<p>.*?</p>'
    return re.sub(lists, "", page, flags=re.DOTALL)


def come_in(world, path, typed, choice):
    client = world.client()
    url = ways.signed_up(client, path, **typed).location
    page = client.get(url).text
    answer = ways.send(client, url, page, choice=choice, pseudonym="Quiet Heron")
    assert answer.status_code == 303
    return client


@pytest.mark.parametrize("choice", ["own", "another", "Early Wren"])
@pytest.mark.proof("E6")
def test_invite_unlinkable(tmp_path, choice):
    """Fails when any page besides the people page reveals somebody's everyday name."""
    worlds = two(tmp_path)
    for world, chosen in zip(worlds, ("own", choice), strict=True):
        come_in(world, ways.link(world), {}, chosen)

    one, other = map(seen_by_mo, worlds)

    assert one == other
    assert "Ana Patel" in str(one)


@pytest.mark.proof("E6")
def test_only_the_people_page_names_newcomers(tmp_path):
    """Fails when any other page holds the newcomer's display name."""
    worlds = two(tmp_path)
    bob = {"name": "Bob Smith", "email": "bob@example.com", "password": "nine wrens by the lock"}
    come_in(worlds[0], ways.link(worlds[0]), {}, "own")
    come_in(worlds[1], ways.link(worlds[1]), bob, "Early Wren")

    one, other = map(seen_by_mo, worlds)

    assert one != other
    assert list(map(without_people, one)) == list(map(without_people, other))


def test_no_row_links_invitation_and_newcomer(world):
    come_in(world, ways.link(world), {}, "own")

    with world.app.app_context():
        assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.leaks
def test_suggestions_reveal_no_taken_names(world, monkeypatch):
    """A member without a name may request suggestions repeatedly, before and after somebody
    joins.
    """
    monkeypatch.setattr("forum.authors.pseudonyms.BIRD_NAMES", ["Quiet Heron", "Early Wren"])
    come_in(world, ways.link(world), {}, "Early Wren")
    client = world.client("sol")
    url = ways.joined(client, ways.link(world)).location

    offered = [each["value"] for each in Page(client.get(url)).all("input", name="choice")]
    refused = ways.send(client, url, client.get(url).text, choice="Early Wren")

    assert set(offered) == {"Quiet Heron", "Early Wren", "another", "own"}
    assert refused.status_code == 422
    assert "That name is taken in this circle. Try another." in refused.text


def elsewhere(world, number):
    """Browser in a network of its own."""
    client = world.client()
    client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
    return client


@pytest.mark.leaks
def test_name_attempts_are_rate_limited(tmp_path):
    """Neither by renaming, nor by starting to join again and again."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    mo, way = world.client("mo"), ways.link(world)
    page = mo.get("/account/name").text

    renamed = [
        ways.send(mo, "/account/name", page, name=f"{'Heron ' * n}Wren").status_code
        for n in range(1, 9)
        for _ in "ab"
    ]
    joined = [
        ways.signed_up(
            elsewhere(world, n), way, password="short", name=f"Wren {'of ' * (n % 9)}Ayr"
        )
        for n in range(25)
    ]
    honest = ways.signed_up(elsewhere(world, 99), ways.link(world), name="Una Marsh")

    assert renamed[:10] == [303] * 10
    assert set(renamed[10:]) == {422}
    assert [answer.status_code for answer in joined] == [422] * 20 + [429] * 5
    assert honest.status_code == 303  # another link is not used up by it
