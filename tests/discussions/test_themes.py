"""Stories on a theme: begun by a facilitator under an everyday name, told by three at most."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions import courses, post_queries, posts
from forum.discussions.models import Thread
from forum.policy.terms import AuthorMode, RoundKind
from forum.web.round_catalogue import NAME
from tests.discussions.test_walk_rounds import begun, line, posted
from tests.page import Page

NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
THEME = {"template": "free", "field_story": "Nights.", "title": "Nights", "talk": "theme"}


@pytest.fixture
def themed(world):
    """The circle has theme rounds on."""
    page = f"/circles/{world.ids['rose']}/ways-to-talk"
    version = Page(world.client("mo").get(page)).one("input", name="version")["value"]
    world.client("mo").submit(page, rounds=["theme"], version=version)


def offered(world, who):
    client = world.client(who)
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    return [each["value"] for each in Page(client.get(composer)).all("input", name="talk")]


def looked(world, who, **more):
    client = world.client(who)
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    sent = THEME | {"mode": "own_name", "wish": "hear_me_out", "do": "look"} | more
    return client.post(composer, data=client.tokens(composer) | sent)


@pytest.mark.parametrize(("who", "may_begin"), [("fay", True), ("mo", False), ("pru", False)])
def test_a_facilitator_alone_begins_a_theme(world, themed, who, may_begin):
    assert ("theme" in offered(world, who)) is may_begin

    assert looked(world, who).status_code == (303 if may_begin else 422)


@pytest.mark.parametrize("talk", ["theme", "suits"])
def test_a_story_of_a_theme_begins_no_thread(world, themed, talk):
    """Fails when a member begins a theme by sending the template of its stories."""
    story = {"template": "theme_story", "field_my_story": "A time.", "talk": talk}
    sent = looked(world, "ray", **story)

    status = sent.status_code if sent.status_code != 303 else posted_by(world, "ray", sent)

    assert status in (403, 422)
    assert themes(world) == []


@pytest.mark.parametrize("talk", ["theme", "suits"])
def test_an_operators_template_lets_no_member_begin_a_theme(world, themed, talk):
    known = world.app.extensions[NAME]
    own = replace(known.template("free", 1), key="corridor", round="theme", use="composer")
    templates = {**known.templates, ("corridor", 1): own}
    world.app.extensions[NAME] = replace(known, templates=templates)

    with suppress(InvalidInput):
        world.present("ray", "Nights", "Nights.", template="corridor", talk=talk)

    assert themes(world) == []


def posted_by(world, who, looked):
    return world.client(who).submit(looked.location).status_code


def themes(world):
    """Titles of the threads that are a theme."""
    with world.app.app_context():
        threads = [each for each in db.session.query(Thread) if each.course]
        return [each.title for each in threads if courses.course(each).chosen.key == "theme"]


@pytest.mark.parametrize(
    ("wish", "status"), [("been_there", 303), ("advice", 303), ("no_reply", 422)]
)
def test_a_theme_fits_every_wish_that_takes_replies(world, themed, wish, status):
    assert looked(world, "fay", wish=wish).status_code == status


def test_a_theme_that_is_switched_off_is_not_offered(world):
    assert "theme" not in offered(world, "fay")
    assert looked(world, "fay").status_code == 422


def test_a_theme_is_never_begun_behind_a_hidden_name(world, themed):
    """Fails when a hidden name stands over what one or two people alone can begin."""
    answer = looked(world, "fay", mode="thread_pseudonym")

    assert answer.status_code == 422
    assert "a hidden name would hide nobody" in Page(answer).error("talk")
    assert Page(answer).field("field_story").value == "Nights."
    with world.app.app_context(), pytest.raises(InvalidInput), unit_of_work():
        world.present("fay", "Nights", "Nights.", HIDDEN, talk="theme")


def test_three_stories_are_enough(world):
    told = begun(world, "theme", "fay", NAMED)
    for who, body in (("ray", "One night."), ("ivy", "Another night."), ("joe", "And mine.")):
        sent = world.client(who).answer(told, body=body, do="own_name")
        assert sent.status_code == 303

    fourth = world.client("pru").answer(told, body="My night.", do="own_name")

    assert fourth.status_code == 422
    assert "Three are enough for one round" in Page(fourth).error("body")
    assert Page(fourth).field("body").value == "My night."
    assert len(posted(world)) == 3


def test_a_withdrawn_story_leaves_room_for_another(world):
    told = begun(world, "theme", "fay", NAMED)
    told_in = {"kind": RoundKind.STORY, "thread_id": world.ids["told"]}
    first, *_ = [world.reply(who, "A night.", **told_in) for who in ("ray", "ivy", "joe")]
    before = line(world).now
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        posts.withdraw(standing, post_queries.post(standing, first))

    assert world.client("pru").answer(told, body="Mine.", do="own_name").status_code == 303
    assert world.client("kit").answer(told, body="And mine.", do="own_name").status_code == 422
    assert line(world).now == before  # a story gone moves no phase


def test_a_story_is_asked_for_by_its_prompts(world):
    told = begun(world, "theme", "fay", NAMED)

    composer = world.client("ray").get(f"{told}/answer", follow_redirects=True).text

    assert "A time this theme met you at work." in composer
    assert "What did it leave with you?" in composer


def test_a_theme_without_a_story_closes_after_one_lengthening(world):
    begun(world, "theme", "fay", NAMED)
    first = line(world).phase_ends
    world.moment = first + timedelta(minutes=1)
    assert line(world).now.lengthened

    world.moment = line(world).phase_ends + timedelta(minutes=1)

    assert line(world).now.phase.key == "closed"


def test_who_wrote_the_theme_may_sum_up(world):
    told = begun(world, "theme", "fay", NAMED)
    world.client("ray").answer(told, body="A night.", do="own_name")
    while line(world).now.phase.key != "closing":
        world.moment = line(world).phase_ends + timedelta(minutes=1)

    sent = world.client("fay").answer(
        told, body="We told of nights.", kind="summary", do="own_name"
    )

    assert sent.status_code == 303
