"""What cannot wait: read by the presenter and the moderators alone, and refused by nothing."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.discussions import post_queries, posts, restrictions, thread_queries
from forum.mail import outbox
from forum.policy.terms import AuthorMode, FlagReason, Hidden
from tests.moderation.test_flag import flag
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import EVENING, MORNING, World

HIDDEN = AuthorMode.THREAD_PSEUDONYM
WAITS = "A message is waiting for a hidden name in this circle."
WORDS = "Her brother has a key. Ring me on 07700 900123."


@pytest.fixture
def told(world):
    """The address of Pru's thread, Questions first."""
    world.ids["told"] = world.present("pru", "Told", "Her words.", talk="questions_first")
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


def send(world, thread, who="ray", words=WORDS, *, follow=False, **more):
    client, page = world.client(who), f"{thread}/concern"
    fields = client.tokens(page) | {"words": words} | more
    return client.post(page, data=fields, follow_redirects=follow)


def where_read(world, thread, words="Her brother"):
    """Who reads words anywhere that they may open."""
    rose = f"/circles/{world.ids['rose']}"
    pages = ("/", "/desk", "/messages", "/your-words", "/moderators")
    return {
        who
        for who in ("pru", "ray", "fay", "mo", "ivy")
        for page in (thread, *(f"{rose}{each}" for each in pages))
        if words in world.client(who).get(page).text
    }


def test_presenter_and_moderators_read_it_at_once(world, told):
    sent = send(world, told, follow=True, signed="unsigned")

    assert "Sent to the presenter and the moderators." in sent.text
    assert where_read(world, told) == {"pru", "mo", "ray"}  # Ray: their own message
    desk = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/desk"))
    assert "No name given" in desk.text
    assert desk.link("Go to the thread")["href"] == told


@pytest.mark.parametrize(("who", "page"), [("mo", "desk"), ("pru", "messages")])
def test_what_cannot_wait_stands_first_on_home_and_leads_there(world, told, who, page):
    world.reply("ray", "A reply, for a row below.", thread_id=world.ids["told"])
    flag(world, "ivy", world.reply("ray", "Two"), FlagReason.UNKIND)
    send(world, told)

    home = Page(world.client(who).get("/"))

    first = home.one("section", **{"aria-labelledby": "for-you"}).all("a")[0]
    assert first.text == "Something cannot wait: read it now"
    assert first["href"] == f"/circles/{world.ids['rose']}/{page}"
    assert "A message is waiting for you" not in home.text
    assert "2 items to look at" not in home.text
    desk = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/desk"))
    assert desk.all("h2")[0].text == "Something cannot wait: read it now"


def test_a_hidden_presenters_home_tells_nothing_of_what_cannot_wait(world):
    world.ids["told"] = world.present("pru", "Told", "Her words.", mode=HIDDEN)
    world.moment = EVENING
    send(world, f"/circles/{world.ids['rose']}/threads/{world.ids['told']}")

    said = {who: world.client(who).get("/").text for who in ("pru", "ray", "ivy")}

    assert not any("cannot wait" in text for text in said.values())


def test_it_is_unsigned_unless_a_name_is_chosen(world, told):
    page = Page(world.client("ray").get(f"{told}/concern"))
    chosen = [
        each["value"] for each in page.all("input", name="signed") if "checked" in each.attributes
    ]
    assert chosen == ["unsigned"]

    send(world, told, signed="signed")

    rose = f"/circles/{world.ids['rose']}"
    assert "Dr Ray" in world.client("mo").get(f"{rose}/desk").text
    assert "Dr Ray" in world.client("pru").get(f"{rose}/messages").text


def state(world, told, name):
    """Bring the thread into a state in which nobody may reply."""
    if name == "paused":
        world.client("pru").submit(f"{told}/round", move="pause")
    if name == "closed":
        world.moment = MORNING + timedelta(days=40)
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            thread = thread_queries.thread(standing, world.ids["told"])
            if name == "locked":
                restrictions.lock(standing, thread, locked=True)
            if name == "muted":
                author = post_queries.posts(standing, [world.ids["said"]])[world.ids["said"]].author
                restrictions.mute(standing, thread, author, muted=True)
            if name == "hidden":
                restrictions.hide(standing, thread, Hidden.MODERATOR)
            if name == "withdrawn":
                pru = world.standing("pru")
                posts.withdraw(pru, post_queries.any_post(pru, thread.id))
            if name == "read-only":
                closes = (MORNING + timedelta(days=30)).date()
                db.session.get(Circle, world.ids["rose"]).closes_on = closes


@pytest.mark.parametrize(
    "name", ["asking", "paused", "closed", "locked", "muted", "hidden", "withdrawn", "read-only"]
)
def test_no_phase_lock_or_pause_refuses_it(world, told, name):
    world.ids["said"] = world.reply("ray", "Why now?", thread_id=world.ids["told"])
    state(world, told, name)
    page = Page(world.client("ray").get(told))
    assert page.link("Something cannot wait")["href"] == f"{told}/concern"

    assert send(world, told).status_code == 303

    assert where_read(world, told) == {"pru", "mo", "ray"}


def test_no_reply_needed_does_not_refuse_it(world):
    world.ids["told"] = world.present("pru", "Told", "Her words.", wish="no_reply")
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"

    assert send(world, told).status_code == 303

    assert "mo" in where_read(world, told)


def test_findings_only_nudge(world, told):
    assert "It was sent as it is." in send(world, told, follow=True).text


def test_moderators_hear_of_it_by_email_without_a_word_of_it(world, told):
    with PostOffice() as office:
        office.serves(world)
        send(world, told)
        with world.app.app_context():
            outbox.send_due()
        letters = [(each.rcpt_tos, message_from_bytes(each.content)) for each in office.envelopes]

    assert [to for to, _ in letters] == [["mo@example.org"]]
    assert "brother" not in str(letters[0][1])


@pytest.mark.parametrize(("words", "status"), [("", 422), ("x" * 2001, 422)])
def test_empty_or_too_long_comes_back(world, told, words, status):
    sent = send(world, told, words=words)

    assert sent.status_code == status
    assert Page(sent).field("words").value == words
    assert where_read(world, told, "x" * 20) == set()


def test_a_form_sent_twice_tells_once(world, told):
    client, page = world.client("ray"), f"{told}/concern"
    fields = client.tokens(page) | {"words": WORDS, "signed": "unsigned"}
    for _ in range(2):
        assert client.post(page, data=fields).status_code == 303

    for who, where in (("mo", "desk"), ("pru", "messages")):
        read = world.client(who).get(f"/circles/{world.ids['rose']}/{where}").text
        assert read.count("Her brother") == 1


def test_a_hidden_presenter_reads_it_under_their_posts(world):
    world.ids["told"] = world.present("ray", "Told", "Words.", HIDDEN, talk="questions_first")
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    world.moment = EVENING + timedelta(minutes=1)
    send(world, told, "ivy")

    home = f"/circles/{world.ids['rose']}/"
    assert all(WAITS in world.client(who).get(home).text for who in ("ray", "ivy", "fay", "mo"))
    assert where_read(world, told) == {"ray", "mo", "ivy"}


@pytest.mark.leaks
@pytest.mark.proof("M1")
def test_a_presenter_who_writes_is_told_as_anybody(world):
    """Fails when a hidden presenter's own concern makes no note: it would be missing."""
    world.ids["told"] = world.present("ray", "Told", "Words.", HIDDEN, talk="questions_first")
    told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    world.moment = EVENING + timedelta(minutes=1)

    send(world, told, "ray")

    assert WAITS in world.client("mo").get(f"/circles/{world.ids['rose']}/").text
    assert where_read(world, told) == {"ray", "mo"}


def test_a_thread_that_waits_for_its_slot_takes_none(world):
    waits = world.present("ray", "Told", "Words.", HIDDEN)
    url = f"/circles/{world.ids['rose']}/threads/{waits}/concern"

    assert world.client("ivy").get(url).status_code == 404
    assert world.client("ivy").submit(url, words=WORDS, signed="unsigned").status_code == 404


def test_a_concern_sent_again_counts_once(tmp_path):
    """Fails when each press counts: whoever cannot wait presses again, and has a limit of a day."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    client, page = world.client("ray"), f"{world.thread}/concern"
    fields = client.tokens(page) | {"words": WORDS}

    assert {client.post(page, data=fields).status_code for _ in range(31)} == {303}
