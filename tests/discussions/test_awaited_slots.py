"""A draft that waits for its day in a round: told to its writer alone, when that day has come."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, thread_queries
from forum.discussions.awaited_slots import AwaitedSlot
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Draft
from forum.policy.terms import AuthorMode, ReplyKind
from tests.page import Page
from tests.world import EVENING, transactions_of

NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
# of Questions first, begun on Monday 2 March
ANSWERS, CLOSING = (datetime(2026, 3, day, 8, tzinfo=UTC) for day in (6, 17))
HOUR = timedelta(hours=1)
TOLD, NOW, LATER = (
    "A reply you saved as a draft can be posted now.",
    "You can post it now.",
    "Waits until Fri 6 Mar",
)
BEHIND = "Something under Your posts"


@pytest.fixture
def told(world):
    """The address of Pru's thread, Questions first."""
    world.ids["told"] = world.present(
        "pru", "Told", "Her words.", NAMED, talk="questions_first", wish="advice"
    )
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


def refuse(world, told, mode=NAMED, kind="idea", who="ray"):
    """Have an answer refused that comes too early; its text is kept as a draft."""
    client = world.client(who)
    body = "Why then?" if kind == "question" else "Try a walk."
    sent = client.answer(told, body=body, kind=kind, do=mode.value)
    if mode.masked:
        sent = client.submit(sent.location)
        assert sent.status_code == 303
    else:
        assert sent.status_code == 422
    with world.app.app_context():
        [draft] = db.session.scalars(select(Draft))
        return draft.awaited_slot


def home(world, who="ray"):
    return world.client(who).get("/").text


def row(world, who="ray"):
    """The row of home that tells of a draft."""
    rows = Page(world.client(who).get("/")).all("li")
    return next((each for each in rows if TOLD in each.text), None)


def lists(world, who="ray"):
    """The lists of one's drafts."""
    client = world.client(who)
    hidden, words = "/drafts/hidden", f"/circles/{world.ids['rose']}/your-words"
    return client.get(hidden).text.replace("\u00a0", " "), client.get(words).text.replace(
        "\u00a0", " "
    )


def test_home_tells_of_a_draft_once_its_day_has_come(world, told):
    refuse(world, told)
    assert TOLD not in home(world)
    assert all(LATER in each for each in lists(world))

    world.moment = ANSWERS

    assert TOLD in home(world)
    assert "Try a walk." not in home(world)
    assert "Told" not in row(world).text
    assert BEHIND not in home(world)
    assert all(NOW in each for each in lists(world))
    for who in ("pru", "fay", "mo", "nan"):
        assert TOLD not in home(world, who)
    opened = world.client("ray").get(row(world).one("a")["href"])
    assert Page(opened).field("body").value == "Try a walk."
    sent = world.client("ray").answer(told, body="Try a walk.", kind="idea", do="own_name")
    assert sent.status_code == 303
    assert TOLD not in home(world)


def test_a_hidden_draft_is_told_of_under_your_posts_alone(world, told):
    refuse(world, told, HIDDEN)
    assert BEHIND not in home(world)

    world.moment = ANSWERS

    assert TOLD not in home(world)
    assert BEHIND in home(world)
    assert BEHIND not in home(world, "ivy")
    assert all(NOW in each for each in lists(world))
    assert NOW not in world.client("ray").get("/drafts").text


@pytest.mark.parametrize("mode", [NAMED, HIDDEN])
def test_a_draft_whose_round_stands_still_waits_on(world, told, mode):
    refuse(world, told, mode)
    world.moment = ANSWERS
    shown = BEHIND if mode.masked else TOLD
    assert shown in home(world)

    world.client("pru").submit(f"{told}/round", move="pause")

    assert (shown in home(world)) is mode.masked  # what hides a name follows at the slot
    assert all(NOW not in each for each in lists(world))
    world.moment += timedelta(days=1)
    assert shown not in home(world)


def test_a_step_taken_early_brings_the_day_forward(world, told):
    refuse(world, told)
    world.client("pru").submit(f"{told}/round", move="next_step")
    assert TOLD not in home(world)

    world.moment += timedelta(days=1)

    assert TOLD in home(world)


def test_more_time_puts_the_day_off(world, told):
    refuse(world, told)
    world.client("pru").submit(f"{told}/round", move="more_time")

    world.moment = ANSWERS

    assert TOLD not in home(world)
    world.moment += timedelta(days=5)
    assert TOLD in home(world)


def test_a_next_question_waits_for_its_two_days(world):
    world.ids["told"] = world.present("pru", "Told", "Words.", NAMED, talk="inviting_change")
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    world.client("ray").answer(told, body="First?", do="own_name")
    refuse(world, told, kind="question")
    world.moment += timedelta(days=1)
    assert TOLD not in home(world)

    world.moment += timedelta(days=2)

    assert TOLD in home(world)


def test_not_now_puts_a_draft_off(world, told):
    refuse(world, told)
    world.moment = ANSWERS
    ray = world.client("ray")

    ray.submit(f"{told}/not-now")

    assert TOLD not in ray.get("/").text
    assert TOLD in home(world)


def test_drafts_of_a_thread_make_one_row(world, told):
    ray = world.client("ray")
    for body in ("Try a walk.", "Try a rest."):
        composer = ray.get(f"{told}/answer?company=1").location  # a new one each time
        typed = Page(ray.get(composer)).one("form", id="typed").fields()
        typed |= {"body": body, "kind": "idea", "do": "own_name"}
        assert ray.post(composer.partition("?")[0], data=typed).status_code == 422
    with world.app.app_context():
        assert len(db.session.scalars(select(Draft)).all()) == 2

    world.moment = ANSWERS

    rows = Page(world.client("ray").get("/")).all("li")
    assert sum(TOLD in each.text for each in rows) == 1


def test_a_draft_keeps_its_day_while_it_is_changed(world, told):
    awaited = refuse(world, told)

    world.client("ray").answer(told, body="Try a longer walk.", kind="idea", do="save")

    with world.app.app_context():
        [draft] = db.session.scalars(select(Draft))
        assert draft.awaited_slot == awaited
        assert draft.kept_until == (ANSWERS + timedelta(days=14)).date()


def test_a_draft_that_waits_for_no_day_is_never_told_of(world, told):
    ray = world.client("ray")
    ray.answer(told, body="What is it?", do="save")
    assert ray.get("/drafts").text.count("Waits until") == 0

    world.moment = ANSWERS

    assert TOLD not in home(world)
    assert NOW not in ray.get("/drafts").text


@pytest.mark.proof("M12")
@pytest.mark.parametrize("mode", [NAMED, HIDDEN])
def test_home_takes_no_further_statement_for_a_draft(world, told, mode):
    """Fails when home asks the database for a draft whose day has come."""
    before = statements(world)
    refuse(world, told, mode)
    waiting = statements(world)
    world.moment = ANSWERS
    statements(world)

    assert statements(world) == waiting == before


def statements(world, who="ray", page="/"):
    client = world.client(who)
    client.get(page)
    with world.app.app_context():
        engine = db.engine
    with transactions_of(engine) as done:
        assert client.get(page).status_code == 200
    return sum(map(len, done))


@pytest.mark.parametrize("page", ["/drafts", "/drafts/hidden", "/circles/{rose}/your-words"])
def test_no_draft_costs_its_lists_a_statement(world, told, page):
    """Fails when each waiting draft asks for its thread, and for where its round is."""
    page = page.format(**world.ids)
    took = [statements(world, page=page)]
    for number, mode in enumerate((NAMED, HIDDEN, NAMED, NAMED, HIDDEN)):
        talk = "questions_first" if number % 2 else "open"
        thread_id = world.present("pru", f"Told {number}", "Words.", NAMED, talk=talk)
        awaited = AwaitedSlot(ANSWERS, ReplyKind.IDEA, mode)
        words = ReplyWords("Try a walk.", mode, ReplyKind.IDEA)
        with world.app.app_context():
            standing = world.standing("ray")
            thread = thread_queries.thread(standing, thread_id)
            with unit_of_work():
                drafts.save(standing, new_id(), words, thread, awaited=awaited)
        took.append(statements(world, page=page))

    assert len({*took}) == 1
    assert "Waits until" in world.client("ray").get(page).text


@pytest.mark.proof("M1")
def test_a_draft_has_one_size_whether_it_waits_or_not(world, told):
    """Fails when a draft's row tells a thief that it was refused."""
    waits = refuse(world, told)
    with world.app.app_context():
        [draft] = db.session.scalars(select(Draft))
        sealed = len(draft._awaited_slot)
    world.client("fay").answer(told, body="Later?", do="save")

    with world.app.app_context():
        sizes = {len(each._awaited_slot) for each in db.session.scalars(select(Draft))}
        assert {each.awaited_slot.strip() for each in db.session.scalars(select(Draft))} == {
            "",
            waits.strip(),
        }
    assert sizes == {sealed}


def test_a_draft_of_a_withdrawn_reflection_is_not_told_of(world, told):
    refuse(world, told)
    world.moment = ANSWERS
    assert TOLD in home(world)

    taken = world.url("discussions.withdraw", who="pru", post_id=world.ids["told"])
    assert world.client("pru").submit(taken).status_code == 303

    assert TOLD not in home(world)
    assert all(NOW not in each for each in lists(world))


def test_a_hidden_presenters_draft_is_told_of_by_the_slot(world):
    page, mo = f"/circles/{world.ids['rose']}/ways-to-talk", world.client("mo")
    version = Page(mo.get(page)).one("input", name="version")["value"]
    mo.submit(page, rounds=["balint_style"], version=version)
    world.ids["told"] = world.present("ray", "Told", "His words.", HIDDEN, talk="balint_style")
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    world.moment = EVENING + HOUR
    sent = world.client("ray").answer(told, body="I came back.", kind="return", do=HIDDEN.value)
    assert sent.status_code == 422
    seen = []

    for _ in range(30):
        world.moment += timedelta(days=1)
        seen.append(BEHIND in home(world))
        assert BEHIND not in home(world, "ivy")

    assert seen[0] is False
    assert True in seen
