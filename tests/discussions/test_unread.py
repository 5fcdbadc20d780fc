"""Home: news of all circles in a list, and navigation through it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from forum.authors.queries import everyday
from forum.authors.services import choose_own_name
from forum.circles import answering_rota
from forum.circles.models import Circle
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.core.tokens import short_id
from forum.discussions import name_notes, post_queries, posts, read_marks, unread
from forum.discussions.composer import Quoted
from forum.discussions.models import ReadMark
from forum.discussions.reply_preferences import Wish
from forum.policy.terms import AuthorMode, ContentNote, Role
from tests.page import Page
from tests.world import EVENING, World, transactions_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rows(world, who, order="oldest"):
    """Home's rows of threads: those for the member first, then what is unread."""
    found = Page(world.client(who).get(f"/?order={order}")).all("li")
    return [row for row in found if any(link["href"].endswith("/new") for link in row.all("a"))]


def items(world, who, order="oldest"):
    """Rows of home that lead to unread posts, as pairs (title, end of the line)."""
    return [
        (row.all("a")[0].text, row.one("span", cls="row-end").text)
        for row in rows(world, who, order)
    ]


def titles(world, who, order="oldest"):
    return [title for title, _ in items(world, who, order)]


def heading(world, who):
    return Page(world.client(who).get("/")).one("h1").text


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
    """A world in which Mo is a member of Rose and Oak."""
    with world.app.app_context():
        with unit_of_work():
            home = db.session.get_one(Circle, world.ids["oak"])
            join(home, world.ids["mo"], "Dr Mo", Role.MEMBER)
        with unit_of_work():
            choose_own_name(world.standing("mo", "oak"))
    return world


def test_news_lists_longest_waiting_first(both):
    both.moment += HOUR
    both.present("nan", "In the other circle", "It rained.", circle="oak")
    both.moment += HOUR
    both.present("ray", "The latest", "A short one.")
    both.moment += HOUR
    both.reply("fay", "An answer to the first")

    assert titles(both, "mo") == ["In the other circle", "Torn between two", "The latest"]
    assert titles(both, "mo", "newest") == ["In the other circle", "Torn between two", "The latest"]
    assert heading(both, "mo") == "Unread in two of your circles"
    assert "Next unread, 3 minutes in all" in Page(both.client("mo").get("/")).one("main").text


def test_news_is_listed_newest_or_oldest_first(world):
    world.moment += HOUR
    world.present("ray", "The latest", "A short one.")

    assert titles(world, "mo", "newest") == ["The latest", "Torn between two"]
    assert titles(world, "mo", "oldest") == ["Torn between two", "The latest"]
    page = Page(world.client("mo").get("/"))
    assert page.link("Oldest first")["href"] == "/?order=oldest"
    assert heading(world, "mo") == "Unread in Rose"


def test_thread_is_ordered_by_oldest_unread_post(world):
    world.moment += HOUR
    later = world.present("ray", "Second", "A day later.")
    read(world, "mo", world.ids["thread"])
    world.moment += HOUR
    world.reply("fay", "An answer to the first")

    assert titles(world, "mo") == ["Second", "Torn between two"]
    read(world, "mo", later)
    assert titles(world, "mo") == ["Torn between two"]


def test_news_shows_reading_minutes(world):
    world.reply("ray", "word " * 3000)

    assert "Next unread, 12 minutes in all" in Page(world.client("mo").get("/")).one("main").text


def test_posts_before_joining_are_not_news(world):
    world.moment += 2 * DAY
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        join(home, world.ids["sol"], "Dr Sol", Role.MEMBER)
    assert titles(world, "sol") == []

    world.reply("ray", "Since then")

    assert items(world, "sol") == [("Torn between two", "1 unread")]


def test_a_reply_stands_first_for_its_addressee_alone(world):
    world.reply("ray", "I know this, and **how** it goes on.")
    world.reply("fay", "So do I.")

    assert heading(world, "pru") == "Dr Ray and Dr Fay replied to you"
    [row] = rows(world, "pru")
    assert row.text == ("Torn between two today Dr Ray and Dr Fay I know this, and how it goes on.")
    assert heading(world, "mo") == "Unread in Rose"
    assert items(world, "mo") == [("Torn between two", "new")]


def test_own_replies_are_no_answers_to_oneself(world):
    read(world, "pru", world.ids["thread"])
    world.reply("pru", "One more thing.")

    assert "replied to you" not in world.client("pru").get("/").text
    world.reply("ray", "I know.")
    assert heading(world, "pru") == "Dr Ray replied to you"


def test_a_content_note_folds_the_words_of_a_row(world):
    note = ContentNote.COMPLAINT_OR_LITIGATION
    told = world.present("mo", "A letter", "I did not open it.", notes=(note,))
    world.reply("ray", "Nor would I.", thread_id=told)

    for who in ("mo", "ivy"):
        page = world.client(who).get("/").text
        assert "Content note: a complaint or claim" in page
        assert "I did not open it." not in page
        assert "Nor would I." not in page


def test_a_row_says_who_when_and_what_would_help(world):
    world.moment += HOUR
    world.present("ray", "Second", "Told *at length*.\n\nOn two lines.", wish=Wish.ADVICE)

    [row, _] = rows(world, "mo", "newest")

    assert row.text == "Second new Dr Ray · today · Advice welcome Told at length. On two lines."


def test_quotation_answers_the_quoted_member(world):
    post_id = world.reply("ray", "I know this well.")
    for who in ("ray", "ivy"):
        read(world, who, world.ids["thread"])
    world.reply("fay", "So do I.", quoted=Quoted(post_id, "know this"))

    assert heading(world, "ray") == "Dr Fay replied to you"
    assert heading(world, "ivy") == "Unread in Rose"


def answered_mask(world, answer_at):
    """Ray hides, and Fay answers by name at an hour; all have read the rest."""
    thread_id = world.present("ray", "Behind", "Something.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + HOUR
    read(world, "ray", thread_id)
    read(world, "ray", world.ids["thread"])
    world.moment = answer_at
    world.reply("fay", "I am with you.", thread_id=thread_id)
    return thread_id


UNDER = "Something under Your posts"


def test_an_answer_to_a_mask_is_told_at_a_slot_without_its_place(world):
    thread_id = answered_mask(world, EVENING + HOUR)
    assert UNDER not in world.client("ray").get("/").text

    world.moment = EVENING + 13 * HOUR

    page = Page(world.client("ray").get("/"))
    assert page.one("h1").text == "One thing for you"
    [row] = page.one("section", cls="sheet").all("li")
    assert row.text == f"{UNDER} Opens with your password."
    assert row.one("a")["href"] == "/hidden-names"
    assert titles(world, "ray") == titles(world, "ivy")[-1:] == ["Behind"]
    assert UNDER not in world.client("ivy").get("/").text
    assert "Behind" in world.client("ray").get("/hidden-names").text
    read(world, "ray", thread_id)
    assert UNDER not in world.client("ray").get("/").text


@pytest.mark.leaks
@pytest.mark.parametrize(("own_device", "fresh"), [(True, False), (False, True), (False, False)])
def test_a_shared_computer_tells_of_no_mask_without_the_password(world, own_device, fresh):
    """Fails when what is under a mask shows on a shared computer ten minutes after a password."""
    answered_mask(world, EVENING + HOUR)
    world.moment = EVENING + 13 * HOUR
    client = world.client("ray")
    with client.session_transaction() as session:
        session.permanent = own_device
        session["given_at"] = session["given_at"] if fresh else 0

    page = client.get("/")

    assert (UNDER in page.text) is (own_device or fresh)
    assert Page(page).link("Your posts")["href"] == "/hidden-names"
    if not fresh:
        assert 'type="password"' in client.get("/hidden-names", follow_redirects=True).text


def test_next_leads_through_news_then_home(both):
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
    assert second.endswith(f"/threads/{both.ids['thread']}#post-{short_id(last)}")
    assert str(reply_id) not in second
    client.get(second)
    assert client.get("/next").location == "/"
    assert "Nothing else is unread." in client.get("/").text


def test_thread_links_to_its_first_new_reply(world):
    for number in range(51):
        world.reply("ray", f"Number {number}")
    client = world.client("mo")
    assert (
        "Go to the first unread post" not in client.get(world.thread).text
    )  # everything is, at first
    page = Page(client.get(world.thread))
    there = page.link("Go to the first unread post")["href"]

    assert re.search(r"\?page=2#post-", there)
    assert "Number 50" in client.get(there).text
    assert "Go to the first unread post" not in client.get(world.thread).text


def test_home_links_to_first_new_post(world):
    client = world.client("mo")
    assert client.get(f"{world.thread}/new").location == world.thread
    client.get(world.thread)
    reply_id = world.reply("ray", "One")
    world.reply("fay", "Two")

    assert client.get(f"{world.thread}/new").location == f"{world.thread}#post-{short_id(reply_id)}"


def all_read(answer):
    """Whether a circle's page shows each thread of its list as read."""
    page = Page(answer)
    waiting = [row.text for sheet in page.all("section", cls="sheet") for row in sheet.all("li")]
    rows = [row for listed in page.all("ul", cls="rows") for row in listed.all("li")]
    return all(row.get("class") == "read" for row in rows if row.text not in waiting)


def press_read_all(client):
    seen = Page(client.get("/")).field("seen").value
    return client.post("/read", data=client.tokens("/") | {"seen": seen})


def test_marking_all_read_can_be_undone(both):
    both.present("nan", "In the other circle", "It rained.", circle="oak")
    both.reply("ray", "One")
    before = items(both, "mo")
    client = both.client("mo")

    press_read_all(client)
    page = client.get("/").text
    assert "You are up to date." in page
    assert all_read(client.get(f"/circles/{both.ids['rose']}/"))
    client.post("/unread", data=client.tokens("/"))

    assert items(both, "mo") == before
    assert "Undo" not in client.get("/").text


def test_undo_keeps_earlier_reading(world):
    read(world, "mo", world.ids["thread"])
    world.reply("ray", "One")
    client = world.client("mo")

    press_read_all(client)
    client.post("/unread", data=client.tokens("/"))

    assert items(world, "mo") == [("Torn between two", "1 unread")]


def test_a_press_can_be_undone_after_a_night(world):
    """Fails when sealing all marks anew forgets what was marked as read at once."""
    world.reply("ray", "One")
    client = world.client("mo")
    before = items(world, "mo")

    press_read_all(client)
    with world.app.app_context():
        read_marks.seal_all_anew(lambda _circle_id: ())
    client.post("/unread", data=client.tokens("/"))

    assert items(world, "mo") == before


@pytest.mark.proof("M2")
def test_marking_all_read_makes_no_mark_longer(world):
    """Fails when what was marked as read at once lies in a value of its own size: the marks of
    whoever pressed would be alike in all their threads.
    """
    told = [world.present("fay", f"Story {number}", "Told.") for number in range(3)]
    for number in range(14):
        world.reply("pru", f"Number {number}", thread_id=told[number % 3])
    for thread_id in told:
        read(world, "kit", thread_id)
    press_read_all(world.client("mo"))
    with world.app.app_context():
        read_marks.seal_all_anew(lambda _circle_id: ())
        marks = db.session.execute(select(ReadMark.__table__)).mappings().all()

    columns = {name for name, value in marks[0].items() if isinstance(value, bytes)}
    sizes = {(row["thread_id"], *(len(row[each]) for each in sorted(columns))) for row in marks}
    assert columns == {"reader", "seen", "note"}
    assert len(marks) > len(sizes) == len({thread_id for thread_id, *_ in sizes})


def test_later_news_is_not_marked_read(world):
    client = world.client("mo")
    seen = Page(client.get("/")).field("seen").value
    world.reply("ray", "In between")

    client.post("/read", data=client.tokens("/") | {"seen": seen})

    assert "Look at the list, then try again" in client.get("/").text
    assert items(world, "mo") == [("Torn between two", "new")]


def test_pending_mask_stays_new_after_marking_all(world):
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    press_read_all(world.client("mo"))
    assert titles(world, "mo") == []

    world.moment = EVENING

    assert titles(world, "mo") == ["Torn between two"]


def test_followed_less_circle_shows_only_answers(world):
    world.moment += HOUR
    mine = world.present("mo", "My own", "A quiet day.")
    for who, thread_id in (("ray", mine), ("fay", None)):
        world.reply(who, "Yes.", thread_id=thread_id)

    follow(world, "mo", "answers")
    assert titles(world, "mo") == ["My own"]
    follow(world, "mo", "nothing")
    assert titles(world, "mo") == []
    follow(world, "mo", "everything")
    assert titles(world, "mo") == ["My own", "Torn between two"]
    assert titles(world, "ivy") == ["Torn between two", "My own"]


def test_thread_setting_overrides_its_circle(world):
    world.present("ray", "Another", "A quiet day.")

    keep(world, "mo", follows="nothing")
    assert titles(world, "mo") == ["Another"]
    follow(world, "mo", "nothing")
    keep(world, "mo", follows="everything")
    assert titles(world, "mo") == ["Torn between two"]
    keep(world, "mo", follows="")
    assert titles(world, "mo") == []


def test_saved_thread_has_a_private_note(world):
    keep(world, "mo", saved="y", note="Ask at the Tuesday meeting")

    page = world.client("mo").get("/saved").text
    assert "Torn between two" in page
    assert "Ask at the Tuesday meeting" in page
    for who in ("ivy", "pru"):
        assert "Nothing saved yet." in world.client(who).get("/saved").text
    kept = b"".join(file.read_bytes() for file in world.files())
    assert b"Tuesday meeting" not in kept

    keep(world, "mo", note="Ask at the Tuesday meeting")
    assert "Nothing saved yet." in world.client("mo").get("/saved").text
    assert "Tuesday" not in world.client("mo").get(f"{world.thread}/keep").text


def test_too_long_note_returns_as_typed(world):
    answer = keep(world, "mo", saved="y", note="n" * 501)

    assert answer.status_code == 422
    assert "At most 500 characters" in answer.text
    assert "n" * 501 in answer.text


def test_no_row_identifies_who_saved_a_thread(world):
    for who in ("mo", "ray"):
        keep(world, who, saved="y", note="Mine", follows="everything")

    with world.app.app_context():
        marks = db.session.scalars(select(ReadMark)).all()
        assert len({mark.reader for mark in marks}) == 2
        assert {c.name for c in ReadMark.__table__.columns} == {
            *("id", "circle_id", "reader", "thread_id", "stirred", "seen", "follows"),
            *("saved", "note"),
        }


def test_ten_quiet_days_ask_for_a_line(world):
    assert "Quiet lately" not in world.client("mo").get("/").text
    world.moment += 10 * DAY + HOUR

    for who in ("mo", "ray"):
        assert "Quiet lately. One line is enough." in world.client(who).get("/").text
    assert "Quiet lately" not in world.client("lee").get("/service").text


def test_pending_mask_does_not_end_quiet(world):
    world.moment += 11 * DAY
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    assert "Quiet lately" in world.client("mo").get("/").text

    world.moment = EVENING + 11 * DAY
    assert "Quiet lately" not in world.client("mo").get("/").text


def test_line_from_home_opens_the_composer(world):
    world.moment += 11 * DAY
    client = world.client("mo")
    composer = Page(client.get("/")).one("form", cls="quiet-line")["action"]

    fields = {"template": "free", "field_story": "It is quiet here, and I am tired.", "do": "save"}
    there = client.post(composer, data=client.tokens("/") | fields).location

    assert "It is quiet here, and I am tired." in client.get(there).text
    assert "It is quiet here, and I am tired." in client.get("/drafts").text


def test_home_runs_constant_statements(both):
    for number in range(2):
        post_id = both.reply("ray", f"Here {number}")
        both.reply("fay", "Quoting", quoted=Quoted(post_id, "Here"))
    few = cost(both, "mo")
    for number in range(30):
        both.present("ray", f"Told {number}", "A short one.")
        thread_id = both.present("nan", f"There {number}", "A short one.", circle="oak")
    with both.app.app_context():
        assert thread_id

    assert cost(both, "mo") == few <= 13


def test_an_own_first_post_is_no_news_to_its_author(world):
    read(world, "ray", world.ids["thread"])
    world.present("ray", "Written by Ray", "It rained.")

    assert "Written by Ray" in titles(world, "ivy")
    assert "Written by Ray" not in titles(world, "ray")
    assert all_read(world.client("ray").get(f"/circles/{world.ids['rose']}/"))


def test_quiet_lately_is_said_of_circles_that_spoke(world):
    with world.app.app_context(), unit_of_work():
        home = found("Silent")
        join(home, world.ids["sol"], "Dr Sol", Role.MODERATOR)
    world.moment += 11 * DAY

    assert "Quiet lately" not in world.client("sol").get("/").text
    assert "Quiet lately" in world.client("ivy").get("/").text


def test_a_busy_circle_is_not_called_quiet(world, monkeypatch):
    """Fails when the threads that are compared hold no word of late, and further ones do."""
    world.moment += 11 * DAY
    world.present("ivy", "Told today", "It rained.")
    world.moment += HOUR
    reply = world.reply("ray", "Taken back")
    monkeypatch.setattr(unread, "LOOKED_AT", 1)
    with world.app.app_context():
        with unit_of_work():
            standing = world.standing("ray")
            posts.withdraw(standing, post_queries.post(standing, reply))

        found = unread.look([world.standing("mo")], most=1)

    assert not found.is_all
    assert found.quiet == frozenset()


def test_withdrawn_replies_are_not_counted(world):
    world.reply("ivy", "One")
    reply = world.reply("ray", "Two")
    circle = f"/circles/{world.ids['rose']}/"
    read(world, "fay", world.ids["thread"])
    assert "2 replies" in world.client("fay").get(circle).text
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            posts.withdraw(standing, post_queries.post(standing, reply))

    assert "one reply" in world.client("fay").get(circle).text


def test_more_than_200_unread_never_read_as_all_read(world):
    """And "Mark all as read" means all: no thread stays new on its circle's page."""
    for number in range(205):
        world.present("pru", f"T{number}", "It rained.")
    client = world.client("ivy")
    press_read_all(client)

    page = client.get("/")

    assert Page(page).one("h1").text == "Nothing unread in the latest threads"
    assert "up to date" not in page.text
    assert "Older threads are on each circle's page." in page.text
    rose = f"/circles/{world.ids['rose']}/"
    assert all(all_read(client.get(f"{rose}?page={n}")) for n in range(1, 8))
    assert "Nothing else is unread" not in client.get("/next", follow_redirects=True).text
    client.post("/unread", data=client.tokens("/"))
    assert titles(world, "ivy") != []


def test_home_runs_few_statements_with_every_kind_of_row(both):
    """In two circles, with flags, messages, votes, rules and turns at once."""
    post_id = both.reply("mo", "She was the mayor.")
    everything(both, post_id)
    both.moment += 3 * DAY

    page = both.client("mo").get("/").text

    for said in KINDS:
        assert said in page, said
    assert cost(both, "mo") <= 13


@pytest.mark.leaks
def test_what_waits_under_a_mask_costs_no_statement(world):
    """Fails when home asks more of the database for whoever was answered behind a mask."""
    thread_id = world.present("ray", "Behind", "Something.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + HOUR
    world.reply("fay", "I am with you.", thread_id=thread_id)
    world.moment = EVENING + 13 * HOUR

    assert UNDER in world.client("ray").get("/").text
    assert UNDER not in world.client("ivy").get("/").text
    assert cost(world, "ray") == cost(world, "ivy")


KINDS = (
    *("A post of yours is hidden", "Dr Ray"),
    *("A message is waiting for you", "waiting for a first reply", "Your turn to reply first"),
    *("item to look at", "Someone asks to close", "The ground rules have changed"),
)


def everything(world, post_id):
    """Mo meets every kind of row at once."""
    rose = f"/circles/{world.ids['rose']}"
    told = world.present("mo", "My own", "A quiet day.")
    world.reply("ray", "Yes.", thread_id=told)
    world.present("ray", "Lonely", "Nobody answered.")
    flags = world.url("moderation.send", who="ivy", post_id=post_id)
    world.client("ivy").submit(flags, reason="patient", words="")
    with world.app.app_context():
        mo, fay = world.standing("mo"), world.standing("fay")
        name = everyday(mo)
        with unit_of_work():
            name_notes.write(mo, name, "We read it.")
            answering_rota.set_rhythm(fay, 2)
            answering_rota.put_on(mo)
        with unit_of_work():
            db.session.get_one(Circle, world.ids["rose"]).rules = new_id()
    client = world.client("mo")
    client.post(f"{rose}/closing", data=client.tokens(f"{rose}/closing"))


def cost(world, who):
    """Statements of home on a second visit."""
    client, said = world.client(who), []
    client.get("/")
    with world.app.app_context():
        engine = db.engine

    def count(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    assert client.get("/").status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(said)


def test_where_leads_straight_into_the_only_circle(both):
    assert both.client("ivy").get("/write").location == f"/circles/{both.ids['rose']}/write"

    page = Page(both.client("mo").get("/write"))
    assert [link.text for link in page.one("ul", cls="links").all("a")] == ["Oak", "Rose"]
    assert "not in a circle yet" not in page.text


def test_an_account_about_to_go_says_so_first(world):
    client = world.client("ray")
    fields = {"words": "stay", "sure": "y"}
    client.post("/account/delete", data=client.tokens("/account/delete") | fields)

    page = Page(world.client("ray").get("/"))

    assert page.one("h1").text == "One thing for you"
    [row] = page.one("section", cls="sheet").all("li")
    assert row.text.startswith("Your account will be deleted on 9 March")
    assert page.form("/keep")["method"] == "post"
    assert "You left Rose. Undo until" in page.text


def test_home_of_many_circles_folds_and_stays_light(world):
    """Names of 60 characters without a blank, and twenty circles with news."""
    long = "W" * 60
    for number in range(1, 20):
        with world.app.app_context(), unit_of_work():
            home = found(f"{number:02}{long[2:]}")
            for who in ("mo", "ray"):
                join(home, world.ids[who], f"Dr {who.title()}", Role.MODERATOR)
            world.ids[f"c{number}"] = home.id
        for who in ("mo", "ray"):
            with world.app.app_context():
                standing = world.standing(who, f"c{number}")
                with unit_of_work():
                    choose_own_name(standing)
        for place in range(3):
            world.present("ray", f"Told {place}", "A short one. " * 30, circle=f"c{number}")

    answer = world.client("mo").get("/")

    page = Page(answer)
    sections = page.all("details", cls="chosen")
    assert len(sections) == 20
    assert [each.get("open") is not None for each in sections][:3] == [True, True, False]
    assert all(len(each.all("li")) == 1 for each in sections)
    assert "Two more threads" in sections[1].text
    assert page.one("h1").text == "Unread in twenty of your circles"
    assert len(answer.data) <= 26_000
    assert cost(world, "mo") <= 13


def test_more_unread_than_is_compared_is_never_up_to_date(world):
    """Fails when home calls everything read though older threads stay unread, or when undoing
    brings back less than was marked."""
    for number in range(unread.LOOKED_AT + 5):
        world.present("pru", f"Told {number}", "One.")
    client = world.client("mo")
    before = Page(client.get("/")).field("seen").value
    assert "You are up to date." not in client.get("/").text

    press_read_all(client)
    read = client.get("/").text
    client.post("/unread", data=client.tokens("/"))

    assert "You are up to date." not in read
    assert Page(client.get("/")).field("seen").value == before


@pytest.mark.parametrize("page", ["/", "circle", "thread", "your-words", "desk"])
def test_no_page_runs_a_statement_for_each_row(tmp_path, page):
    """Fails when a page's statements grow with the posts, names, flags or hidden posts on it."""
    found = []
    for number in (3, 18):
        world = World(tmp_path / str(number))
        for place in range(number):
            who = ("ray", "fay", "ivy", "joe")[place % 4]
            told = world.present(who, f"Told {place}", "One.")
            said = world.reply("mo" if place % 2 else "kit", f"Two {place}")
            world.reply("mo", "Quoting", quoted=Quoted(said, f"Two {place}"))
            world.reply("mo", "There", thread_id=told)
        rose = f"/circles/{world.ids['rose']}"
        url = {"/": "/", "circle": f"{rose}/", "thread": world.thread}.get(page, f"{rose}/{page}")
        client = world.client("mo")
        client.get(url)
        with world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as done:
            assert client.get(url).status_code == 200
        found.append(sum(map(len, done)))

    assert found[1] <= found[0]
