from datetime import timedelta

import pytest

from forum.core.db import db
from forum.discussions.models import NameNote
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.world import EVENING

MASK = AuthorMode.THREAD_PSEUDONYM
ANSWER = "I am safe, and at my sister's."


@pytest.fixture
def note(world):
    """A moderator's note to a hidden name of Ray's, from the evening on."""
    post_id = world.reply("ray", "Goodbye", MASK)
    world.moment = EVENING + timedelta(minutes=1)
    url = world.url("moderation.write_to", post_id=post_id)
    world.client("mo").submit(url, words="Shall I ring?", form_key="a" * 32)
    with world.app.app_context():
        return db.session.scalars(db.select(NameNote)).one().id


def send(world, note, who="ray", **fields):
    url = world.url("discussions.answer_note", who=who, note_id=note)
    return world.client(who).submit(url, words=ANSWER, **fields)


def desk(world):
    return world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text


def test_an_answer_waits_for_the_slot(world, note):
    own = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/your-words"))
    assert own.link("Answer once, from that name")
    assert send(world, note).status_code == 303

    assert ANSWER not in Page(desk(world)).text
    assert "was answered" not in world.client("mo").get("/").text
    world.moment += timedelta(hours=12)

    assert "I am safe" in desk(world)
    assert "Dr Ray" not in Page(desk(world)).one("main").text
    assert "A note of the moderators was answered" in world.client("mo").get("/").text


def test_an_answer_can_be_sent_now(world, note):
    send(world, note, at_once="y")

    assert "I am safe" in desk(world)


def test_a_note_is_answered_once(world, note):
    send(world, note, at_once="y")
    url = world.url("discussions.answer_note", note_id=note)
    world.client("ray").submit(url, words="Something else", at_once="y")

    assert "Something else" not in desk(world)
    assert "You have answered this note." in world.client("ray").get(url).text


def test_nobody_else_answers_and_members_read_nothing(world, note):
    assert send(world, note, who="fay").status_code == 404
    send(world, note, at_once="y")

    assert "was answered" not in world.client("fay").get("/").text
    assert world.client("fay").get(f"/circles/{world.ids['rose']}/desk").status_code == 403
