"""What an inviter cannot learn (E6)."""

import re

import pytest
from sqlalchemy import select

from forum.circles.models import Invitation
from forum.core.db import db
from tests.blanking import blank
from tests.circles import ways
from tests.routes import parts_of, routes_of
from tests.world import World


def seen_by_mo(world):
    """Every page that the inviter may open, what is drawn in it blanked."""
    client = world.client("mo")
    urls = [url for _, method, url in routes_of(world, world.parts, "mo") if method == "GET"]
    answers = {url: client.get(url) for url in urls if not url.startswith("/static/")}
    pages = {url: each for url, each in answers.items() if each.mimetype == "text/html"}
    return [blank(each.text) for each in pages.values()]


def two(folder):
    """Two installations that are alike as yet."""
    worlds = [World(folder / name) for name in ("one", "other")]
    for world in worlds:
        world.parts = parts_of(world)
    return worlds


def without_people(page):
    lists = r'<ul class="people">.*?</ul>|<h2>Who is here</h2>\s*<p>.*?</p>'
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
    """Fails when a page beside the list of members says which name somebody writes under."""
    worlds = two(tmp_path)
    for world, chosen in zip(worlds, ("own", choice), strict=True):
        come_in(world, ways.link(world), {}, chosen)

    one, other = map(seen_by_mo, worlds)

    assert one == other
    assert "Ana Patel" in str(one)


@pytest.mark.proof("E6")
def test_but_for_the_list_no_page_of_the_inviter_tells_which_account_came(tmp_path):
    """Fails when any other page holds the newcomer's own name."""
    worlds = two(tmp_path)
    bob = {"name": "Bob Smith", "email": "bob@example.com", "password": "nine wrens by the lock"}
    come_in(worlds[0], ways.link(worlds[0]), {}, "own")
    come_in(worlds[1], ways.link(worlds[1]), bob, "Early Wren")

    one, other = map(seen_by_mo, worlds)

    assert one != other
    assert list(map(without_people, one)) == list(map(without_people, other))


def test_nothing_kept_ties_an_invitation_to_who_came_by_it(world):
    come_in(world, ways.link(world), {}, "own")

    with world.app.app_context():
        assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.leaks
def test_suggestions_do_not_tell_which_names_are_taken(world, monkeypatch):
    """Whoever has no name yet may ask again and again, before somebody joins and after."""
    monkeypatch.setattr("forum.authors.pseudonyms.BIRD_NAMES", ["Quiet Heron", "Early Wren"])
    come_in(world, ways.link(world), {}, "Early Wren")
    client = world.client("sol")
    url = ways.joined(client, ways.link(world)).location

    offered = re.findall(r'name="choice"[^>]*value="([^"]+)"', client.get(url).text)
    refused = ways.send(client, url, client.get(url).text, choice="Early Wren")

    assert set(offered) == {"Quiet Heron", "Early Wren", "another", "own"}
    assert refused.status_code == 422
    assert "That name is taken here." in refused.text


def elsewhere(world, number):
    """A browser in a network of its own."""
    client = world.client()
    client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
    return client


@pytest.mark.leaks
def test_nobody_tries_name_after_name_until_one_is_taken(tmp_path):
    """Neither by changing one's own, nor on a page of joining that one never finishes."""
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
