"""Home: one list of what is new over all circles, and the ways through it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from forum.authors.services import choose_own_name
from forum.circles.models import Circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions.composer import Quoted
from forum.discussions.models import ReadMark
from forum.policy.terms import AuthorMode, Role
from tests.world import EVENING

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def items(world, who):
    """(title, what stands below it) of all that home lists as new."""
    page = world.client(who).get("/").text
    found = re.findall(r'/new">([^<]+)</a>\s*<p class="post-meta">(.*?)</p>', page)
    return [(title, re.sub("<[^>]+>", "", about)) for title, about in found]


def titles(world, who):
    return [title for title, _ in items(world, who)]


def read(world, who, thread_id, circle="rose"):
    path = f"/circles/{world.ids[circle]}/threads/{thread_id}"
    assert world.client(who).get(path).status_code == 200


def keep(world, who, thread_id=None, **fields):
    path = f"/circles/{world.ids['rose']}/threads/{thread_id or world.ids['thread']}/keep"
    client = world.client(who)
    return client.post(path, data=client.tokens(path) | fields)


def follow(world, who, follows):
    client, path = world.client(who), f"/circles/{world.ids['rose']}/following"
    return client.post(path, data=client.tokens(path) | {"follows": follows})


@pytest.fixture
def both(world):
    """The world, with Mo of Rose in Oak as well."""
    with world.app.app_context():
        with unit_of_work():
            home = db.session.get_one(Circle, world.ids["oak"])
            join(home, world.ids["mo"], "Dr Mo", Role.MEMBER)
        with unit_of_work():
            choose_own_name(world.standing("mo", "oak"))
    return world


def test_what_has_waited_longest_comes_first_whatever_its_circle(both):
    both.moment += HOUR
    both.present("nan", "In the other circle", "It rained.", circle="oak")
    both.moment += HOUR
    both.present("ray", "The latest", "A short one.")
    both.moment += HOUR
    both.reply("fay", "An answer to the first")

    assert items(both, "mo") == [
        ("Torn between two", "Rose · 2 new · a minute to read"),
        ("In the other circle", "Oak · 1 new · a minute to read"),
        ("The latest", "Rose · 1 new · a minute to read"),
    ]


def test_a_thread_stands_where_the_oldest_of_it_that_is_unread_does(world):
    world.moment += HOUR
    later = world.present("ray", "Second", "A day later.")
    read(world, "mo", world.ids["thread"])
    world.moment += HOUR
    world.reply("fay", "An answer to the first")

    assert titles(world, "mo") == ["Second", "Torn between two"]
    read(world, "mo", later)
    assert titles(world, "mo") == ["Torn between two"]


def test_it_says_how_long_the_new_in_a_thread_takes_to_read(world):
    world.reply("ray", "word " * 3000)

    assert items(world, "mo") == [("Torn between two", "Rose · 2 new · 12 minutes to read")]


def test_what_was_said_before_somebody_joined_is_not_new_to_them(world):
    world.moment += 2 * DAY
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        join(home, world.ids["sol"], "Dr Sol", Role.MEMBER)
    assert titles(world, "sol") == []

    world.reply("ray", "Since then")

    assert items(world, "sol") == [("Torn between two", "Rose · 1 new · a minute to read")]


def test_an_answer_to_ones_own_words_is_told_to_whoever_wrote_them_alone(world):
    world.reply("ray", "I know this.")

    assert items(world, "pru")[0][1].endswith("answers you")
    assert not items(world, "mo")[0][1].endswith("answers you")


def test_a_quotation_answers_whoever_it_quotes(world):
    post_id = world.reply("ray", "I know this well.")
    for who in ("ray", "ivy"):
        read(world, who, world.ids["thread"])
    world.reply("fay", "So do I.", quoted=Quoted(post_id, "know this"))

    assert items(world, "ray")[0][1].endswith("answers you")
    assert not items(world, "ivy")[0][1].endswith("answers you")


def test_an_answer_to_what_a_mask_wrote_is_told_only_after_the_password(world):
    thread_id = world.present("ray", "Behind", "Something.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + HOUR
    read(world, "ray", thread_id)
    read(world, "ray", world.ids["thread"])
    world.reply("fay", "I am with you.", thread_id=thread_id)
    client = world.client("ray")
    with client.session_transaction() as session:
        session["given_at"] = 0

    page = client.get("/").text
    assert "answers you" not in page
    assert "Show what answers hidden names" in page
    assert 'type="password"' in client.get("/hidden-names", follow_redirects=True).text

    [(_, about)] = items(world, "ray")
    assert about == "Rose · 1 new · a minute to read · answers you"
    assert not items(world, "ivy")[-1][1].endswith("answers you")


def test_next_leads_through_all_that_is_new_and_then_home(both):
    both.moment += HOUR
    other = both.present("nan", "In the other circle", "It rained.", circle="oak")
    reply_id = both.reply("fay", "An answer to the first")
    read(both, "mo", both.ids["thread"])
    both.moment += HOUR
    last = both.reply("ray", "Another")
    client = both.client("mo")

    first = client.get("/next").location
    assert first == f"/circles/{both.ids['oak']}/threads/{other}"
    client.get(first)
    second = client.get("/next").location
    assert second.endswith(f"/threads/{both.ids['thread']}#post-{last}")
    assert str(reply_id) not in second
    client.get(second)
    assert client.get("/next").location == "/"
    assert "You have read everything." in client.get("/").text


def test_a_thread_says_where_it_goes_on_and_leads_to_another_page_if_need_be(world):
    for number in range(51):
        world.reply("ray", f"Number {number}")
    client = world.client("mo")
    assert "Go to what is new" not in client.get(world.thread).text  # all of it is
    page = client.get(world.thread).text
    there = re.search(r'href="([^"]+)">Go to what is new', page)[1]

    assert re.search(r"\?page=2#post-", there)
    assert "Number 50" in client.get(there).text
    assert "Go to what is new" not in client.get(world.thread).text


def test_the_way_into_a_thread_from_home_goes_to_the_first_that_is_new(world):
    client = world.client("mo")
    assert client.get(f"{world.thread}/new").location == world.thread
    client.get(world.thread)
    reply_id = world.reply("ray", "One")
    world.reply("fay", "Two")

    assert client.get(f"{world.thread}/new").location == f"{world.thread}#post-{reply_id}"


def press_read_all(client):
    page = client.get("/").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    return client.post("/read", data=client.tokens("/") | {"seen": seen})


def test_all_is_taken_as_read_at_once_and_can_be_undone(both):
    both.present("nan", "In the other circle", "It rained.", circle="oak")
    both.reply("ray", "One")
    before = items(both, "mo")
    client = both.client("mo")

    press_read_all(client)
    page = client.get("/").text
    assert "You have read everything." in page
    assert 'class="new"' not in client.get(f"/circles/{both.ids['rose']}/").text
    client.post("/unread", data=client.tokens("/"))

    assert items(both, "mo") == before
    assert "Undo" not in client.get("/").text


def test_what_was_read_before_stays_read_when_that_is_undone(world):
    read(world, "mo", world.ids["thread"])
    world.reply("ray", "One")
    client = world.client("mo")

    press_read_all(client)
    client.post("/unread", data=client.tokens("/"))

    assert items(world, "mo") == [("Torn between two", "Rose · 1 new · a minute to read")]


def test_what_came_in_since_the_page_was_shown_is_not_taken_as_read(world):
    client = world.client("mo")
    seen = re.search(r'name="seen" value="([^"]+)"', client.get("/").text)[1]
    world.reply("ray", "In between")

    client.post("/read", data=client.tokens("/") | {"seen": seen})

    assert "look again first" in client.get("/").text
    assert items(world, "mo") == [("Torn between two", "Rose · 2 new · a minute to read")]


def test_what_waits_for_its_slot_is_new_even_where_all_was_taken_as_read(world):
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    press_read_all(world.client("mo"))
    assert titles(world, "mo") == []

    world.moment = EVENING

    assert titles(world, "mo") == ["Torn between two"]


def test_a_circle_that_is_followed_less_tells_only_answers_or_nothing(world):
    world.moment += HOUR
    mine = world.present("mo", "My own", "A quiet day.")
    for who, thread_id in (("ray", mine), ("fay", None)):
        world.reply(who, "Yes.", thread_id=thread_id)

    follow(world, "mo", "answers")
    assert titles(world, "mo") == ["My own"]
    follow(world, "mo", "nothing")
    assert titles(world, "mo") == []
    follow(world, "mo", "everything")
    assert titles(world, "mo") == ["Torn between two", "My own"]
    assert titles(world, "ivy") == ["Torn between two", "My own"]


def test_a_thread_is_followed_otherwise_than_its_circle(world):
    world.present("ray", "Another", "A quiet day.")

    keep(world, "mo", follows="nothing")
    assert titles(world, "mo") == ["Another"]
    follow(world, "mo", "nothing")
    keep(world, "mo", follows="everything")
    assert titles(world, "mo") == ["Torn between two"]
    keep(world, "mo", follows="")
    assert titles(world, "mo") == []


def test_a_thread_is_saved_with_a_note_that_nobody_else_reads(world):
    keep(world, "mo", saved="y", note="Ask at the Tuesday meeting")

    page = world.client("mo").get("/saved").text
    assert "Torn between two" in page
    assert "Ask at the Tuesday meeting" in page
    for who in ("ivy", "pru"):
        assert "Nothing yet." in world.client(who).get("/saved").text
    kept = b"".join(file.read_bytes() for file in world.files())
    assert b"Tuesday meeting" not in kept

    keep(world, "mo", note="Ask at the Tuesday meeting")
    assert "Nothing yet." in world.client("mo").get("/saved").text
    assert "Tuesday" not in world.client("mo").get(f"{world.thread}/keep").text


def test_a_note_that_is_too_long_comes_back_as_it_was_typed(world):
    answer = keep(world, "mo", saved="y", note="n" * 501)

    assert answer.status_code == 422
    assert "At most 500 characters" in answer.text
    assert "n" * 501 in answer.text


def test_no_row_says_who_follows_or_saved_what(world):
    for who in ("mo", "ray"):
        keep(world, who, saved="y", note="Mine", follows="everything")

    with world.app.app_context():
        marks = db.session.scalars(select(ReadMark)).all()
        assert len({mark.reader for mark in marks}) == 2
        assert {c.name for c in ReadMark.__table__.columns} == {
            *("id", "circle_id", "reader", "thread_id", "stirred", "seen", "added", "follows"),
            *("saved", "note"),
        }


def test_after_ten_quiet_days_every_home_asks_for_a_line(world):
    assert "Quiet lately" not in world.client("mo").get("/").text
    world.moment += 10 * DAY + HOUR

    for who in ("mo", "ray"):
        assert "Quiet lately. One line is enough." in world.client(who).get("/").text
    assert "Quiet lately" not in world.client("lee").get("/service").text


def test_what_waits_for_its_slot_does_not_end_the_quiet(world):
    world.moment += 11 * DAY
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    assert "Quiet lately" in world.client("mo").get("/").text

    world.moment = EVENING + 11 * DAY
    assert "Quiet lately" not in world.client("mo").get("/").text


def test_the_line_is_kept_and_leads_on_to_the_composer(world):
    world.moment += 11 * DAY
    client = world.client("mo")
    page = client.get("/").text
    composer = re.search(r'class="quiet-line" method="post" action="([^"]+)"', page)[1]

    fields = {"template": "free", "field_story": "It is quiet here, and I am tired.", "do": "save"}
    there = client.post(composer, data=client.tokens("/") | fields).location

    assert "It is quiet here, and I am tired." in client.get(there).text
    assert "It is quiet here, and I am tired." in client.get("/drafts").text


def test_home_costs_the_same_number_of_statements_however_much_is_new(both):
    def cost():
        said = []
        client = both.client("mo")
        client.get("/")
        with both.app.app_context():
            engine = db.engine

        def count(_connection, _cursor, statement, *_rest):
            said.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        assert client.get("/").status_code == 200
        event.remove(engine, "before_cursor_execute", count)
        return len(said)

    for number in range(2):
        post_id = both.reply("ray", f"Here {number}")
        both.reply("fay", "Quoting", quoted=Quoted(post_id, "Here"))
    few = cost()
    for number in range(30):
        both.present("ray", f"Told {number}", "A short one.")
        thread_id = both.present("nan", f"There {number}", "A short one.", circle="oak")
    with both.app.app_context():
        assert thread_id

    assert cost() == few <= 8
