"""First steps on a circle's page: shown to newcomers and founders alone, until done."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from forum.authors.services import choose_own_name
from forum.circles import invitations
from forum.circles.models import Circle
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.discussions.composer import Quoted
from forum.policy.terms import AuthorMode, ContentNote, Role
from tests.page import Page

DAY = timedelta(days=1)


@pytest.fixture
def ana(world):
    """Sol as a newcomer in Rose, where all members have long been settled."""
    world.moment += 30 * DAY
    with world.app.app_context(), unit_of_work():
        join(db.session.get_one(Circle, world.ids["rose"]), world.ids["sol"], "Dr Sol")
    return world.client("sol")


def circle(client, world, name="rose"):
    return client.get(f"/circles/{world.ids[name]}/").text


def steps(client, world, name="rose"):
    """Pairs (label, done); None without the panel."""
    panel = Page(circle(client, world, name)).all("section", cls="first-steps")
    if not panel:
        return None
    return [(_label(row), "done" in row.get("class", "")) for row in panel[0].all("li")]


def _label(row):
    text = row.text
    for each in row.all("span", cls="hint") + row.all("span", cls="visually-hidden"):
        text = text.replace(each.text, "")
    return text.strip()


def named(world, who="sol", circle="rose"):
    with world.app.app_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            choose_own_name(standing)


def test_newcomer_sees_three_steps_until_done(world, ana):
    fresh = steps(ana, world)
    named(world)
    with_a_name = steps(ana, world)
    ana.get(world.thread)
    after_reading = steps(ana, world)
    world.reply("sol", "Hello from the coast.")

    words = ["Choose a name", "Read one reflection", "Say hello"]
    assert fresh == [*zip(words, [False] * 3, strict=True)]
    assert [done for _, done in with_a_name] == [True, False, False]
    assert [done for _, done in after_reading] == [True, True, False]
    assert steps(ana, world) is None


def test_the_reflection_to_read_has_no_content_note(world, ana):
    world.moment += DAY
    world.present("fay", "Heavy", "It was.", notes=(ContentNote.PATIENT_DEATH,))

    page = Page(circle(ana, world))

    assert page.link("Read one reflection")["href"] == world.thread


def test_steps_end_after_the_first_week(world, ana):
    world.moment += 7 * DAY
    on_the_last_day = steps(ana, world)
    world.moment += DAY

    assert on_the_last_day is not None
    assert steps(ana, world) is None


def test_settled_members_see_no_steps(world, ana):
    assert [who for who in ("ray", "mo", "fay") if steps(world.client(who), world)] == []


def test_masked_post_changes_no_step(world, ana):
    """A step done by a masked post would show onlookers whose mask it is."""
    named(world)
    ana.get(world.thread)
    before = circle(ana, world)
    world.reply("sol", "From behind a mask", AuthorMode.THREAD_PSEUDONYM)
    world.moment += timedelta(minutes=1)

    assert steps(ana, world)[-1] == ("Say hello", False)
    assert plain(circle(ana, world)) == plain(before)


def plain(page):
    return re.sub(r'name="csrf_token"[^>]*|/(write|drafts)/[\w-]{43}', "", page)


def test_empty_circle_offers_no_reading_step(world):
    with world.app.app_context(), unit_of_work():
        oak = db.session.get_one(Circle, world.ids["oak"])
        join(oak, world.ids["sol"], "Dr Sol")

    said = steps(world.client("sol"), world, "oak")

    assert [words for words, _ in said] == ["Choose a name", "Say hello"]


def test_founder_sees_steps_until_done(world):
    with world.app.app_context(), unit_of_work():
        elm = found("Elm")
        world.ids["elm"] = elm.id
        join(elm, world.ids["mo"], "Dr Mo", Role.MODERATOR)
    named(world, "mo", "elm")
    mo, said = world.client("mo"), []
    said.append(steps(mo, world, "elm"))
    world.present("mo", "A beginning", "A few lines.", circle="elm")
    said.append(steps(mo, world, "elm"))
    with world.app.test_request_context(), unit_of_work():
        invitations.create_link(world.standing("mo", "elm"), "")

    words = ["Open the circle", "Write the first reflection", "Invite your colleagues"]
    assert said[0] == [*zip(words, [True, False, False], strict=True)]
    assert [done for _, done in said[1]] == [True, True, False]
    assert "Invite your colleagues" not in circle(mo, world, "elm")


def test_steps_cost_a_single_statement(world, ana):
    def cost():
        said = []
        ana.get("/")
        with world.app.app_context():
            engine = db.engine

        def count(_connection, _cursor, statement, *_rest):
            said.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        circle(ana, world)
        event.remove(engine, "before_cursor_execute", count)
        return len(said)

    one = world.reply("ray", "One")
    before = cost()
    for number in range(12):
        world.present("ray", f"Story {number}", "Told")
        world.reply("fay", "Two", quoted=Quoted(one, "One"))
    assert steps(ana, world)

    assert cost() == before <= 11
