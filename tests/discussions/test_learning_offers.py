"""The offer to keep what a closed round taught, made once, to its presenter alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum.core.db import db, unit_of_work
from forum.discussions.models import ReadMark, Reply
from forum.policy.terms import Hidden, ReplyKind
from tests.blanking import blank
from tests.discussions.test_actions import HIDDEN, NAMED
from tests.discussions.test_look_backs import home, worker_runs
from tests.discussions.test_walk_rounds import begun, line
from tests.engine import of_sqlite
from tests.page import Page
from tests.proofs.test_m1_swap import dump
from tests.world import EVENING

ON_HOME = "You told something in March. It has been talked about."
ON_YOUR_POSTS = "Your story has been talked about. What would you like to keep of it?"


def closed(world, who="pru", mode=NAMED, *, is_answered=True):
    """The address of a thread whose round has just closed."""
    told = begun(world, "questions_first", who, mode)
    if is_answered:
        question = ReplyKind.QUESTION
        world.reply("ivy", "What did you need?", kind=question, thread_id=world.ids["told"])
    while line(world).now.phase.key != "closed":
        world.moment = line(world).phase_ends + timedelta(minutes=1)
    worker_runs(world)
    return told


def press(world, who, page, button):
    """Press a button of an offer, by the address of its form."""
    client = world.client(who)
    forms = Page(client.get(page)).all("form")
    form = next(
        each for each in forms if any(one.text.startswith(button) for one in each.all("button"))
    )
    came_from = {each["name"]: each.value for each in form.all("input", name="came_from")}
    return client.submit(form["action"], **came_from)


@pytest.mark.parametrize(("days", "is_offered"), [(0, True), (13, True), (14, False)])
def test_home_offers_it_for_two_weeks_after_closing(world, days, is_offered):
    closed(world)
    world.moment += timedelta(days=days)
    worker_runs(world)

    assert (ON_HOME in home(world, "pru")) is is_offered
    assert ON_HOME not in home(world, "ray")


def test_nothing_is_offered_before_closing(world):
    begun(world, "questions_first", "pru", NAMED)

    assert ON_HOME not in home(world, "pru")


def test_nothing_is_offered_where_nobody_answered(world):
    """Fails when whoever met silence reads that they were talked about."""
    closed(world, is_answered=False)

    assert ON_HOME not in home(world, "pru")


@pytest.mark.parametrize("lost", ["hidden", "withdrawn"])
def test_nothing_is_offered_where_the_only_answer_cannot_be_read(world, lost):
    closed(world)
    with world.app.app_context(), unit_of_work():
        told = db.select(Reply).filter_by(thread_id=world.ids["told"])
        reply = db.session.scalars(told).one()
        if lost == "hidden":
            reply.hidden = Hidden.MODERATOR
        else:
            reply.withdrawn = True

    assert ON_HOME not in home(world, "pru")


def test_taking_it_leads_to_a_note_and_ends_it(world):
    told = closed(world)

    answer = press(world, "pru", "/", "Keep what you learned")

    assert answer.location == f"{told}/learned"
    assert ON_HOME not in home(world, "pru")


def test_resting_it_ends_it_and_keeps_look_backs(world):
    closed(world)

    assert press(world, "pru", "/", "No, thank you").location == "/"

    assert ON_HOME not in home(world, "pru")
    world.moment += timedelta(weeks=4)
    worker_runs(world)
    assert "You told something in March. Look back?" in home(world, "pru")


def test_a_hidden_presenter_finds_it_on_their_own_page(world):
    told, own = closed(world, "ray", HIDDEN), f"/circles/{world.ids['rose']}/your-words"
    for who in ("ray", "joe", "kit"):
        world.client(who).get(told)
    pages = [blank(world.client(who).get(told).text) for who in ("ray", "joe", "kit")]

    assert ON_YOUR_POSTS in world.client("ray").get(own).text
    assert ON_YOUR_POSTS not in world.client("joe").get(own).text
    assert ON_HOME not in home(world, "ray")
    assert press(world, "ray", own, "No, thank you").location == own
    assert ON_YOUR_POSTS not in world.client("ray").get(own).text
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize(("days", "is_offered"), [(13, True), (14, False)])
@pytest.mark.parametrize(("who", "mode"), [("pru", NAMED), ("ray", HIDDEN)])
def test_your_posts_offer_it_for_two_weeks_after_closing(world, who, mode, days, is_offered):
    """Fails when a story is never left in peace on the page of one's own posts."""
    closed(world, who, mode)
    world.moment += timedelta(days=days)
    worker_runs(world)

    own = world.client(who).get(f"/circles/{world.ids['rose']}/your-words").text

    assert (ON_YOUR_POSTS in own) is is_offered


@of_sqlite
@pytest.mark.leaks
@pytest.mark.proof("M1")
def test_answering_the_offer_leaves_no_row_of_its_own(world):
    """Fails when a thief can tell who was offered to keep what a round taught."""
    told = closed(world, "ray", HIDDEN)
    for who in ("ray", "joe"):
        world.client(who).get(told)
    before = dump(world)
    with world.app.app_context():
        rows = len(db.session.scalars(select(ReadMark)).all())

    world.client("ray").submit(f"{told}/learning-offer/take")

    assert dump(world) == before
    with world.app.app_context():
        assert len(db.session.scalars(select(ReadMark)).all()) == rows


@pytest.mark.leaks
@pytest.mark.proof("M1")
@pytest.mark.parametrize("replies", range(8))
def test_no_size_tells_who_answered_an_offer(world, replies):
    """Fails when a mark grows by an answer: with some numbers of posts it takes another block."""
    world.ids["told"] = world.present("ray", "Told", "Words.", HIDDEN)
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    world.moment = EVENING + timedelta(minutes=1)
    for _ in range(replies):
        world.reply("ivy", "Words", thread_id=world.ids["told"])
    for who in ("ray", "joe"):
        world.client(who).get(told)

    world.client("ray").submit(f"{told}/learning-offer/rest")
    world.client("ray").submit(f"{told}/ask-no-more")

    with world.app.app_context():
        marks = ReadMark.__table__
        here = select(func.length(marks.c.seen)).where(marks.c.thread_id == world.ids["told"])
        assert len({*db.session.scalars(here)}) == 1
