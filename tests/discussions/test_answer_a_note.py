from datetime import timedelta

import pytest

from forum import worker
from forum.core.db import db
from forum.discussions.models import NameNote
from forum.moderation import queries
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
    return world.client(who).submit(url, **{"words": ANSWER} | fields)


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


@pytest.mark.parametrize(("days", "number"), [(6, 1), (7, 0)])
def test_moderators_are_told_of_an_answer_for_a_week(world, note, days, number):
    """Fails when home goes on telling moderators of what they read long ago."""
    send(world, note, at_once="y")
    world.moment += timedelta(days=days)

    with world.app.app_context():
        assert queries.notices(world.standing("mo")).answers == number
    assert ANSWER in Page(desk(world)).text


def test_a_note_is_answered_once(world, note):
    send(world, note, at_once="y")
    url = world.url("discussions.answer_note", note_id=note)
    again = world.client("ray").submit(url, words="Something else", at_once="y")

    assert "Something else" not in desk(world)
    assert f"You have answered this note: “{ANSWER}” That answer stands." in Page(again).text
    assert "Something else" in again.text
    assert send(world, note, at_once="y").status_code == 303  # pressed twice
    assert "You have answered this note." in world.client("ray").get(url).text


@pytest.mark.parametrize(
    ("words", "said"),
    [(" ", "Write something first."), ("a" * 2001, "At most 2000 characters, please.")],
)
def test_an_answer_that_is_refused_stays_typed(world, note, words, said):
    shown = send(world, note, words=words)

    assert shown.status_code == 422
    assert said in shown.text
    assert Page(shown).field("words").value == words.strip()
    assert send(world, note).status_code == 303


def test_an_answer_outlives_the_message_that_it_answers(world):
    """Fails when moderators lose an answer as its writer tidied their own list."""
    post, ray = world.reply("ray", "Something heavy."), world.client("ray")
    url, messages = (
        world.url("moderation.write_to", post_id=post),
        world.url("discussions.messages"),
    )
    world.client("mo").submit(url, words="Shall I ring?", form_key="a" * 32)
    with world.app.app_context():
        note = db.session.scalars(db.select(NameNote)).one().id
    send(world, note)

    [form] = [each for each in Page(ray.get(messages)).all("form") if str(note) in each["action"]]
    pressed = [ray.post(form["action"], data=form.fields()).status_code for _ in "ab"]

    assert pressed == [303, 303]
    assert "I am safe" in desk(world)
    assert "Shall I ring?" not in ray.get(messages).text
    assert "No message." in ray.get(messages).text
    assert send(world, note).status_code == 404
    with world.app.app_context():
        assert db.session.scalars(db.select(NameNote.id)).all() == [note]
        assert db.session.get(NameNote, (world.ids["rose"], note)).words == ""


def test_nobody_else_answers_and_members_read_nothing(world, note):
    assert send(world, note, who="fay").status_code == 404
    send(world, note, at_once="y")

    assert "was answered" not in world.client("fay").get("/").text
    assert world.client("fay").get(f"/circles/{world.ids['rose']}/desk").status_code == 403


def test_an_answer_is_offered_while_moderators_can_still_read_it_for_a_week(world, note):
    """Fails when an answer is taken that goes with its note before it shows."""
    link = f"/circles/{world.ids['rose']}/your-words"
    world.moment += timedelta(days=22)
    page = world.client("ray").get(link).text
    assert "Answer once, from that name" in page

    world.moment += timedelta(days=2)
    assert "Answer once, from that name" not in world.client("ray").get(link).text
    assert send(world, note).status_code == 303  # the page was opened before
    for _ in range(5):
        world.moment += timedelta(days=1)
        with world.app.app_context():
            worker.run_due_jobs()
        assert "I am safe" in desk(world)


@pytest.mark.parametrize(
    ("days", "is_offered", "status"),
    [(22, True, 303), (23, False, 303), (24, False, 303), (25, False, 404)],
)
def test_a_note_is_answerable_to_its_day(world, note, days, is_offered, status):
    """Fails when an answer is taken that goes within days of being read by moderators."""
    world.moment += timedelta(days=days)

    own = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text

    assert ("Answer once, from that name" in own) is is_offered
    assert send(world, note).status_code == status


def test_a_suggested_content_note_is_not_answered_to_the_moderators(world):
    """Fails when moderators learn what a colleague suggested in private."""
    world.client("ray").submit(f"{world.thread}/content-note", note="patient_death")
    with world.app.app_context():
        suggestion = db.session.scalars(db.select(NameNote)).one().id

    own = world.client("pru").get(f"/circles/{world.ids['rose']}/your-words").text
    assert "A colleague suggests a content note" in own
    assert "Answer once, from that name" not in own
    assert send(world, suggestion, who="pru").status_code == 404
