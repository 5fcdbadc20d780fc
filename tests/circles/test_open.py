import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from forum.authors.models import Author
from forum.circles.closing import close_due
from forum.circles.models import Circle
from forum.core.db import db
from forum.policy.terms import AuthorMode, Role
from tests.circles import ways
from tests.circles.test_room_for_a_pair import fail_next_commit
from tests.page import Page


def opened(client, name="Thursday circle"):
    page = client.get("/circles/open").text
    return ways.send(client, "/circles/open", page, name=name)


def test_opening_a_circle_makes_a_moderator(world):
    client = world.client("sol")

    naming = opened(client).location
    page = client.get(naming).text
    there = ways.send(client, naming, page, choice="own").location

    circle_id = re.search(r"/circles/([\w-]+)/name", naming)[1]
    with world.app.app_context():
        circle = next(c for c in db.session.scalars(select(Circle)) if str(c.id) == circle_id)
        world.ids["thursday"] = circle.id
        standing = world.standing("sol", "thursday")
        assert (standing.role, standing.members) == (Role.MODERATOR, 1)
        assert (circle.name, circle.purpose, circle.slots) == ("Thursday circle", "", "07:00 19:00")
        assert circle.modes == set(AuthorMode) - {AuthorMode.CIRCLE_VOICE}
    assert there.endswith("/write")
    assert client.get(there).status_code == 303  # to a page of its own
    assert client.get(naming).status_code == 303  # chosen once
    assert "people may guess" in page


def told(client, circle):
    """Write and publish a short reflection; returns the final URL."""
    composer = client.get(f"{circle}write").location
    words = {"field_story": "A few lines.", "title": "A beginning", "mode": "own_name"}
    page = {"template": "free", "wish": "hear_me_out", "do": "look"} | client.tokens(composer)
    return client.submit(client.post(composer, data=page | words).location).location


def test_the_first_reflection_leads_to_inviting(world):
    client = world.client("sol")
    naming = opened(client).location
    ways.send(client, naming, client.get(naming).text, choice="own")
    circle = naming.removesuffix("name")

    first = told(client, circle)
    pages = [client.get(first).text for _ in "ab"]
    second = told(client, circle)

    assert first == f"{circle}invite"
    assert ["nobody will arrive in an empty room" in page for page in pages] == [True, False]
    assert "/posts/" in second


def test_with_members_a_reflection_leads_to_itself(world):
    client = world.client("sol")
    naming = opened(client).location
    ways.send(client, naming, client.get(naming).text, choice="own")
    circle = naming.removesuffix("name")
    world.ids["thursday"] = UUID(circle.split("/")[2])
    ways.joined(world.client("gus"), ways.link(world, "sol", "thursday"))

    assert "/posts/" in told(client, circle)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_circle_needs_a_name(world, name):
    answer = opened(world.client("sol"), name)

    assert answer.status_code == 422
    assert "Give it a name" in answer.text


def test_members_open_a_limited_number_of_circles(world):
    world.app.config["CIRCLES_EACH"] = 2
    client = world.client("mo")  # looks after Rose
    page = client.get("/circles/open").text
    assert opened(client).status_code == 303

    refused = ways.send(client, "/circles/open", page, name="One more")

    assert refused.status_code == 422
    assert "the most for one person" in refused.text
    assert "the most for one person" in client.get("/circles/open").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose a name."),
        ({"choice": "another", "pseudonym": "Jo"}, "Use 3 to 24"),
        ({"choice": "another", "pseudonym": "dr m0"}, "taken"),
        ({"choice": "Calm Moor"}, "taken"),
    ],
)
def test_a_bad_name_is_refused_with_reason(world, typed, said):
    client = world.client("sol")
    url = ways.joined(client, ways.link(world)).location

    answer = ways.send(client, url, client.get(url).text, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    with world.app.app_context():
        assert AuthorMode.PSEUDONYM not in set(db.session.scalars(select(Author.mode)))


def test_only_allowed_modes_are_offered(world):
    with world.app.app_context():
        db.session.get(Circle, world.ids["rose"]).allows_pseudonym = False
        db.session.commit()
    client = world.client("sol")
    url = ways.joined(client, ways.link(world)).location
    page = client.get(url).text

    refused = ways.send(client, url, page, choice="another", pseudonym="Quiet Heron")

    assert "Another" not in page
    assert "We tell nobody" not in page
    assert refused.status_code == 403


def test_name_choices_include_two_suggestions(world):
    client = world.client("sol")
    url = ways.joined(client, ways.link(world)).location

    choices = [each["value"] for each in Page(client.get(url)).all("input", name="choice")]

    assert len(choices) == 4
    assert choices[2:] == ["another", "own"]
    assert "checked" not in client.get(url).text


def test_a_circle_that_never_spoke_is_not_quiet(world):
    client = world.client("sol")
    naming = opened(client).location
    ways.send(client, naming, client.get(naming).text, choice="own")
    circle = naming.removesuffix("name")

    for _ in range(2):
        for url in ("/", circle):
            assert "Quiet lately" not in client.get(url).text
        world.moment += timedelta(days=20)
        client = world.client("sol")


def test_a_form_of_a_circle_that_is_gone_opens_another(world):
    client = world.client("pru")
    page = client.get("/circles/open").text
    first = ways.send(client, "/circles/open", page, name="Two", kind="pair").location
    client.submit(re.sub(r"write$", "closing", first))
    world.moment += timedelta(days=32)
    with world.app.app_context():
        assert close_due() == 1

    client = world.client("pru")
    old = ways.hidden(page) | client.tokens("/circles/open") | {"name": "Two", "kind": "pair"}
    old["form_key"] = ways.hidden(page)["form_key"]
    refused = client.post("/circles/open", data=old)
    again = ways.send(client, "/circles/open", refused.text, name="Two", kind="pair")

    assert refused.status_code == 422
    assert "The circle that this form opened is gone." in Page(refused).text
    assert Page(refused).field("name").value == "Two"
    assert again.status_code == 303
    assert client.get(client.get(again.location).location).status_code == 200
    with world.app.app_context():
        assert close_due() == 0


def test_opening_works_after_one_that_failed(world):
    client = world.client("pru")
    page = client.get("/circles/open").text
    fail_next_commit()

    answers = [ways.send(client, "/circles/open", page, name="New", kind="group") for _ in "ab"]

    assert [each.status_code for each in answers] == [503, 303]
