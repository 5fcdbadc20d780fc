"""Questions first from its first day to its last, as people meet it on a phone."""

from datetime import UTC, datetime, timedelta

import pytest

from forum.policy.terms import AuthorMode
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import PHONE
from tests.page import Page
from tests.world import EVENING, World

ANSWERS, CLOSING = (datetime(2026, 3, day, 8, tzinfo=UTC) for day in (6, 13))


@pytest.fixture
def own_forum(tmp_path):
    """A forum with the cast in it, whose clock nobody else turns."""
    world = World(tmp_path)
    forum = Installation(tmp_path)
    forum.world = world
    with served(forum):
        yield forum


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_round_is_walked_to_its_end(own_forum, visit, scripts):
    def come(who):
        person = visit(own_forum, size=PHONE, scripts=scripts, untitled=("Two letters",))
        person.sign_in(who)
        return person

    pru = come("pru")
    thread = tells(pru)
    ray = come("ray")
    asks(ray, thread)
    assert "We save this as a draft." in asks_a_third(ray, thread)
    fay = come("fay")
    fay.open(thread)
    fay.press("More time")

    own_forum.turn_clock(EVENING + timedelta(minutes=1))
    pru = come("pru")
    pru.open(thread)
    assert "This phase was given more time." in pru.words
    pru.press("Next step")
    assert "Next step: from Tue 3 Mar." in plain(pru.words)

    own_forum.turn_clock(ANSWERS)
    ray = come("ray")
    ray.open(thread)
    assert "Now: answer, until" in ray.words
    ray.follow("Reply")
    ray.write(body="It was like this for me too.")
    ray.press("Reply as Dr Ray")

    own_forum.turn_clock(CLOSING)
    ray = come("ray")
    ray.open(thread)
    ray.follow("Write a line")
    ray.write(body="One letter is enough.")
    ray.press("Reply as Dr Ray")
    assert "Taken along" in ray.words
    pru = come("pru")
    pru.open(thread)
    pru.page.get_by_text("More", exact=True).click()
    pru.press("End here")
    assert "End this round?" in pru.words
    pru.press("End here")
    assert "Closed on Fri 13 Mar." in plain(pru.words)
    assert "Ask a question" not in pru.words


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_hidden_presenter_moves_from_their_own_page(own_forum, visit, scripts):
    world = own_forum.world
    told = world.present(
        "ray", "Two letters", "Neither sent.", AuthorMode.THREAD_PSEUDONYM, talk="questions_first"
    )
    thread = f"/circles/{world.ids['rose']}/threads/{told}"
    own_forum.turn_clock(EVENING + timedelta(minutes=1))
    ray, ivy = (
        visit(own_forum, size=PHONE, scripts=scripts, untitled=("Two letters",)) for _ in range(2)
    )
    for person, who in ((ray, "ray"), (ivy, "ivy")):
        person.sign_in(who)
        person.open(thread)
    assert ray.words == ivy.words

    ray.open(f"/circles/{world.ids['rose']}/your-words")
    ray.follow("How we talk about it")
    ray.press("Pause")
    ivy.open(thread)
    assert "Paused." not in ivy.words

    own_forum.turn_clock(EVENING + timedelta(hours=12, minutes=1))
    ivy.sign_in("ivy")
    ivy.open(thread)
    assert "Paused." in ivy.words


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_hidden_presenter_works_on_something(own_forum, visit, scripts):
    world = own_forum.world
    ways, mo = f"/circles/{world.ids['rose']}/ways-to-talk", world.client("mo")
    version = Page(mo.get(ways)).one("input", name="version")["value"]
    mo.submit(ways, rounds=["action_learning"], version=version)
    told = world.present(
        *("ray", "Two letters", "Neither sent.", AuthorMode.THREAD_PSEUDONYM),
        talk="action_learning",
        wish="advice",
    )
    rose = f"/circles/{world.ids['rose']}"
    thread, own_posts = f"{rose}/threads/{told}", f"{rose}/your-words"

    def come(who, page, moment):
        own_forum.turn_clock(moment)
        person = visit(own_forum, size=PHONE, scripts=scripts, untitled=("Two letters",))
        person.sign_in(who)
        person.open(page)
        return person

    evening = EVENING + timedelta(minutes=1)
    ivy = come("ivy", thread, evening)
    ivy.follow("Ask a question")
    ivy.write(body="What would the first one say?")
    ivy.press("Reply as Dr Ivy")
    ray = come("ray", own_posts, evening)
    ray.follow("How we talk about it")
    ray.press("I'll sit with this")
    ray.press("Next step")
    ivy.open(thread)
    assert "sits with this question." not in ivy.words

    noticing = evening + timedelta(hours=12)
    ivy = come("ivy", thread, noticing)
    assert "sits with this question." in ivy.words
    ivy.follow("Say what you noticed")
    ivy.write(body="Both letters begin alike.")
    ivy.press("Reply as Dr Ivy")
    ray = come("ray", own_posts, noticing)
    ray.follow("How we talk about it")
    ray.press("Next step")

    actions = noticing + timedelta(days=1)
    ray = come("ray", own_posts, actions)
    ray.follow("Reply")
    ray.choose("Next step of one's own")
    ray.write(body="Read both aloud.", report_on="2026-03-20")
    ray.page.get_by_role("button", name="Reply as").click()
    ivy = come("ivy", thread, actions)
    assert "Read both aloud." not in ivy.words

    closed = datetime(2026, 3, 20, 8, tzinfo=UTC)
    ivy, ray = come("ivy", thread, closed), come("ray", thread, closed)
    for person in (ivy, ray):  # the thread asks neither
        assert "To tell how it went: today" in plain(person.words)
        assert "How did it go?" not in person.words
    ray.open(own_posts)
    ray.follow("Look back")
    assert "What you meant to try:" in ray.words
    ray.write(body="The second is the one.")
    ray.page.get_by_role("button", name="Reply as").click()
    ray.open(own_posts)
    assert "How did it go?" not in ray.words
    ray.follow("Show your everyday name")
    ray.press("Continue")
    ray.press("Show my everyday name")
    ivy.open(thread)
    assert "was Dr Ray." not in ivy.words

    ivy = come("ivy", thread, closed + timedelta(hours=12))
    assert "was Dr Ray." in ivy.words
    assert "The second is the one." in ivy.words


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_newcomer_gets_it_talked_about_in_four_taps(own_forum, visit, scripts):
    """Questions first follows from "Advice welcome": the way to talk takes no tap of its own."""
    pru = visit(own_forum, size=PHONE, scripts=scripts, untitled=("Two letters",))
    pru.sign_in("pru")
    pru.open("/")
    pru.taps = 0

    pru.follow("Write")
    pru.write(field_story="I wrote two letters, and sent neither.", title="Two letters")
    pru.page.get_by_label("What would help?").select_option("Advice welcome")
    pru.choose("Dr Pru")
    pru.press("Check before posting")
    assert "How we talk about it: Questions first." in pru.words
    pru.press("Post as Dr Pru")

    assert pru.taps == 4
    assert "until" in plain(pru.said(".phases"))
    for word in ("round", "phase", "template", "facilitator", "slot"):
        assert word not in pru.said("main").lower(), word


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_home_tells_when_a_drafts_day_has_come(own_forum, visit, scripts):
    world = own_forum.world
    told = world.present(
        "pru", "Two letters", "Neither sent.", AuthorMode.OWN_NAME, talk="inviting_change"
    )
    thread, row = (
        f"/circles/{world.ids['rose']}/threads/{told}",
        "A reply you saved as a draft can be posted now.",
    )
    ray = visit(own_forum, size=PHONE, scripts=scripts, untitled=("Two letters",))
    ray.sign_in("ray")
    for body in ("What did the first say?", "Who would read it?"):
        ray.open(thread)
        ray.follow("Ask a question")
        ray.write(body=body)
        ray.press("Reply as Dr Ray")
    assert "We save this as a draft until then." in ray.words
    ray.open("/")
    assert row not in ray.words

    own_forum.turn_clock(EVENING + timedelta(days=2))
    ray.sign_in("ray")
    ray.open("/")
    ray.follow(row)
    assert ray.typed("body") == "Who would read it?"
    ray.press("Reply as Dr Ray")
    assert "Who would read it?" in ray.said("main")
    ray.open("/")
    assert row not in ray.words


def tells(pru):
    """A reflection, questions first, in the taps that Just talk takes and one more to choose."""
    pru.open("/")
    pru.follow("Write")
    pru.write(field_story="I wrote two letters, and sent neither.", title="Two letters")
    pru.page.get_by_text("How shall we talk about it?").click()
    pru.choose("Questions first")
    pru.choose("Dr Pru")
    pru.press("Check before posting")
    assert "How we talk about it: Questions first." in pru.words
    pru.press("Post as Dr Pru")
    assert "Four questions" not in pru.words
    return pru.page.url.partition("?")[0].partition("#")[0]


def asks(ray, thread):
    for body in ("What did the first say?", "Who would read it?"):
        ray.open(thread)
        assert "Now: ask one thing you would like to know." in ray.words
        ray.follow("Ask a question")
        ray.write(body=body)
        ray.press("Reply as Dr Ray")
        assert body in ray.words


def asks_a_third(ray, thread):
    ray.open(thread)
    ray.follow("Ask a question")
    ray.write(body="And why that one?")
    ray.press("Reply as Dr Ray")
    assert ray.typed("body") == "And why that one?"
    return ray.words


def plain(words):
    return words.replace("\u00a0", " ")
