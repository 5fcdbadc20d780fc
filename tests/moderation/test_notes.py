"""Moderators write to a name, and whoever holds it reads it; nobody learns who that is."""

import re
from datetime import timedelta

import pytest

from forum import worker
from forum.core.db import db, unit_of_work
from forum.discussions import post_queries, posts
from forum.discussions.models import NameNote, Reply, Thread
from forum.moderation import queries, services
from forum.policy.terms import AuthorMode
from tests.discussions.test_details import Desk
from tests.page import Page
from tests.world import EVENING, World

NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
WORDS = "We read what you wrote, and would like to talk."
HEAVY = "I can't go on like this."
EVERYBODY_HOME = "A message is waiting for a hidden name in Rose."
EVERYBODY = "A message is waiting for a hidden name in this circle."


def circle(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/").text


def messages(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/messages").text


def own_words(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/your-words").text


def write_to(world, post_id, words=WORDS, who="mo"):
    client = world.client(who)
    url = f"/circles/{world.ids['rose']}/posts/{post_id}/note"
    return client.submit(url, words=words)


UNDER = "Something under Your posts"


@pytest.fixture(params=[NAMED, HIDDEN])
def mode(request):
    return request.param


@pytest.fixture
def post(world, mode):
    """A reply of Ray's that everybody can read by now."""
    post_id = world.reply("ray", "Something heavy.", mode)
    world.moment = EVENING + timedelta(hours=1)
    return post_id


def test_the_holder_of_the_name_reads_it_and_nobody_else(world, post, mode):
    assert write_to(world, post).status_code == 303

    assert WORDS in own_words(world, "ray")
    assert (WORDS in messages(world, "ray")) is (mode is NAMED)
    for who in ("mo", "fay", "pru"):
        assert WORDS not in own_words(world, who) + messages(world, who) + circle(world, who)
    assert WORDS not in world.client("mo").get(
        f"/circles/{world.ids['rose']}/posts/{post}/care"
    ).text  # fmt: skip


@pytest.mark.leaks
def test_of_a_hidden_name_everybody_hears_alike_read_or_not(world, post, mode):
    """Fails when the page of whoever holds the name differs, or changes once they looked."""
    write_to(world, post)

    before = {who: (EVERYBODY in circle(world, who)) for who in ("ray", "mo", "fay", "ivy")}
    own_words(world, "ray")
    homes = {EVERYBODY_HOME in world.client(who).get("/").text for who in ("ray", "mo", "fay")}
    after = {who: (EVERYBODY in circle(world, who)) for who in ("ray", "mo", "fay", "ivy")}

    assert before == after == dict.fromkeys(before, mode is HIDDEN)
    assert homes == {False}
    for page in (circle(world, "ray"), world.client("ray").get("/").text):
        assert ("A message is waiting for you" in page) is (mode is NAMED)
    assert "A message is waiting for you" not in world.client("fay").get("/").text
    assert UNDER not in "".join(world.client(who).get("/").text for who in ("ray", "fay"))
    world.moment += timedelta(hours=13)
    under = [UNDER in world.client(who).get("/").text for who in ("ray", "fay")]
    assert under == [mode is HIDDEN, False]
    assert "A message is waiting for you." not in circle(world, "fay")


def test_a_note_goes_after_thirty_days(world, post):
    write_to(world, post)
    world.moment += timedelta(days=30)

    with world.app.app_context():
        worker.run_due_jobs()
        assert db.session.query(NameNote).count() == 0
    assert WORDS not in own_words(world, "ray")


def test_only_a_note_to_an_everyday_name_can_be_thrown_away(world, post, mode):
    write_to(world, post)
    with world.app.app_context():
        [note] = [each.id for each in db.session.query(NameNote)]
    url = f"/circles/{world.ids['rose']}/messages/{note}"

    others = [world.client(who).submit(url).status_code for who in ("mo", "fay", "nan")]
    own = world.client("ray").submit(url).status_code

    assert others == [404] * 3
    assert own == (303 if mode is NAMED else 404)


def test_a_note_is_thrown_away_once_pressed_twice(world):
    """Fails when a browser shows a page not found for a message that was just read."""
    write_to(world, world.reply("ray", "Something heavy."))
    ray, page = world.client("ray"), f"/circles/{world.ids['rose']}/messages"
    [form] = [each for each in Page(ray.get(page)).all("form") if "/messages/" in each["action"]]

    answers = [ray.post(form["action"], data=form.fields()) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert "Message deleted." in ray.get(answers[1].location).text
    assert WORDS not in ray.get(page).text


def test_nobody_but_a_moderator_writes_to_a_name(world, post):
    assert write_to(world, post, who="fay").status_code == 403
    assert write_to(world, post, who="nan").status_code == 404
    assert write_to(world, post, words="").status_code == 422
    assert write_to(world, post, words="x" * 2001).status_code == 422


def contact(page):
    """The form that asks for a note: its address and token."""
    return re.search(
        r'action="([^"]+/contact)".*?name="token" value="([^"]+)"', page, re.S
    ).groups()


def heavy(world, mode):
    """Ray writes of despair under a name; gives the page after posting."""
    ray = Desk(world)
    answer = ray.client.answer(world.thread, body=HEAVY, do=str(mode))
    if mode is HIDDEN:
        answer = ray.press(answer.location, ray.client.get(answer.location))
    return ray.client, ray.client.get(answer.location, follow_redirects=True).text


def test_who_asks_for_a_note_is_written_to_under_that_name(world, mode):
    client, page = heavy(world, mode)
    url, token = contact(page)
    for _ in range(2):  # pressed twice, it is one message
        assert client.submit(url, token=token).status_code == 303

    desk = f"/circles/{world.ids['rose']}/desk"
    shown = world.client("mo").get(desk).text
    assert "would like a moderator to write to them" in shown
    [answer] = re.findall(r'action="([^"]+/desk/letters/[^"]+)"', shown)
    world.client("mo").submit(answer, words=WORDS)

    assert WORDS in own_words(world, "ray")
    letters = world.client("ray").get(f"/circles/{world.ids['rose']}/moderators").text
    assert WORDS not in letters + circle(world, "ray")
    assert "You sent the moderators a message." not in circle(world, "ray")
    assert "would like a moderator" not in world.client("mo").get(desk).text


@pytest.mark.leaks
@pytest.mark.parametrize("who", ["fay", "mo"])
def test_the_token_of_another_asks_for_nothing(world, who):
    _client, page = heavy(world, NAMED)
    url, token = contact(page)

    world.client(who).submit(url, token=token)

    assert "would like a moderator" not in world.client("mo").get(
        f"/circles/{world.ids['rose']}/desk"
    ).text  # fmt: skip


def asked_for(world, client, page):
    """Ask for a note; returns the address of the moderators' reply, or None where none waits."""
    url, token = contact(page)
    client.submit(url, token=token)
    desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text
    found = re.search(r'action="([^"]+/desk/letters/[^"]+)"', desk)
    return found and found[1]


def test_a_reply_to_who_asks_for_a_note_is_one_note_pressed_twice(world):
    client, page = heavy(world, NAMED)
    reply = asked_for(world, client, page)

    for _ in range(2):
        world.client("mo").submit(reply, words=WORDS)

    with world.app.app_context():
        assert len(db.session.scalars(db.select(NameNote)).all()) == 1


def test_a_note_asked_for_again_once_answered_waits_again(world):
    """Fails when somebody in despair reads "Sent", and nobody hears of it."""
    client, page = heavy(world, NAMED)
    world.client("mo").submit(asked_for(world, client, page), words=WORDS)
    world.moment += timedelta(days=3)

    again = asked_for(world, client, page)
    world.client("mo").submit(again, words=WORDS)  # in words that were right the first time, too

    assert own_words(world, "ray").count(WORDS) == 2


def withdraw_all(world, kind):
    """Withdraw what Ray wrote."""
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        here = db.select(kind).where(kind.circle_id == standing.circle_id)
        for each in db.session.scalars(here).all():
            if standing.hand.holds(each.author):
                posts.withdraw(standing, each)


def test_who_takes_words_of_despair_back_is_written_to_all_the_same(world, mode):
    """Fails when a request for a note goes with the hidden post that led to it, unread."""
    client, page = heavy(world, mode)
    assert asked_for(world, client, page)
    withdraw_all(world, Reply)

    desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text
    [reply] = re.findall(r'action="([^"]+/desk/letters/[^"]+)"', desk)
    world.client("mo").submit(reply, words=WORDS)
    assert WORDS in own_words(world, "ray")


def test_a_request_for_a_note_outlives_its_story(world):
    post_id = world.present("ray", "A week", HEAVY, HIDDEN)
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        services.ask_for_note(standing, post_queries.any_post(standing, post_id))
    withdraw_all(world, Thread)

    desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text
    [reply] = re.findall(r'action="([^"]+/desk/letters/[^"]+)"', desk)
    world.client("mo").submit(reply, words=WORDS)
    assert WORDS in own_words(world, "ray")


def test_asking_for_a_note_once_the_words_are_gone_leads_to_the_moderators(world, mode):
    """Fails when somebody in despair who took a hidden post back gets an error page."""
    client, page = heavy(world, mode)
    url, token = contact(page)
    withdraw_all(world, Reply)

    answer = client.submit(url, token=token)

    assert answer.status_code == 303
    said = client.get(answer.location).text
    assert ("Write to the moderators here." in said) is (mode is HIDDEN)


@pytest.mark.parametrize(("days", "is_new"), [(6, True), (7, False)])
def test_a_note_to_a_hidden_name_is_told_on_home_for_a_week(world, days, is_new):
    """Fails when home tells for longer than a week that something waits under a mask."""
    post = world.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + timedelta(minutes=1)
    write_to(world, post)
    world.moment += timedelta(days=days)

    with world.app.app_context():
        found = queries.notices(world.standing("ray"))

    assert bool(found.under_masks) is is_new
    assert found.masked_message


def test_letters_that_are_not_sent_count_for_nothing(tmp_path):
    """Fails when an empty letter, sent until the day's limit is reached, tells at an open screen
    that a note was asked for under a hidden name."""
    world, met = World(tmp_path, RATELIMIT_ENABLED=True), {}
    client, page = heavy(world, HIDDEN)
    url, token = contact(page)
    assert client.submit(url, token=token).status_code == 303
    sent = {"words": "Hello there.", "signed": "unsigned", "form_key": "1" * 32}
    for who in ("ray", "ivy"):
        letters, asks = f"/circles/{world.ids['rose']}/moderators", world.client(who)
        empty = [asks.submit(letters, words="", signed="unsigned").status_code for _ in range(12)]
        again = [asks.submit(letters, **sent).status_code for _ in range(12)]
        met[who] = [*empty, *again]

    assert met["ray"] == met["ivy"]


def test_a_note_asked_for_counts_once_however_often(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    client, page = heavy(world, HIDDEN)
    url, token = contact(page)

    met = [client.submit(url, token=token).status_code for _ in range(12)]

    letters = f"/circles/{world.ids['rose']}/moderators"
    sent = [client.submit(letters, words=f"{n}", signed="unsigned").status_code for n in range(10)]
    assert (met, sent) == ([303] * 12, [303] * 9 + [429])
