import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions.models import ReadMark, Thread
from forum.discussions.reply_preferences import Wish
from forum.discussions.thread_filters import THREADS_EACH
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING, transactions_of


def fresh(world, who):
    """Home's unread threads: title -> what the end of the row says."""
    rows = Page(world.client(who).get("/")).all("li")
    found = ((row.all("a", cls="row-title"), row.all("span", cls="row-end")) for row in rows)
    return {links[0].text: end[0].text for links, end in found if links and end}


def test_home_lists_news_until_read(world):
    world.reply("ray", "One")
    world.reply("fay", "Two")
    assert fresh(world, "mo") == {"Torn between two": "new"}

    page = world.client("mo").get(world.thread).text
    assert page.count('class="new"') == 3

    assert fresh(world, "mo") == {}
    assert 'class="new"' not in world.client("mo").get(world.thread).text
    world.reply("joe", "Three")
    assert fresh(world, "mo") == {"Torn between two": "1 unread"}


def test_circle_lists_what_waits_then_its_threads(world):
    shown = world.client("mo").get(f"/circles/{world.ids['rose']}/")

    [waiting] = Page(shown).all("ul", cls="rows")
    assert waiting.text == "Torn between two Dr Pru · today · Hear me out A hard morning."
    world.reply("ray", "One")
    shown = world.client("mo").get(f"/circles/{world.ids['rose']}/")
    [listed] = Page(shown).all("ul", cls="rows")
    assert listed.text == "Torn between two new Dr Pru · today · Hear me out A hard morning."
    assert Page(shown).one("form", role="search")["action"] == "/search"


def test_own_masked_post_looks_new_to_its_author(world):
    world.reply("ray", "One")
    world.reply("ray", "Two", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING

    posts = Page(world.client("ray").get(world.thread)).all("article")
    new = [each.one(cls="post-author").text for each in posts if each.all(cls="new")]

    assert len(new) == 2
    assert "Dr Ray" not in new


def test_masked_post_is_new_from_its_slot(world):
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    world.client("mo").get(world.thread)
    assert fresh(world, "mo") == {}
    world.moment = EVENING.replace(hour=20)
    world.reply("fay", "After")
    world.client("mo").get(f"{world.thread}")

    assert fresh(world, "mo") == {}
    world.moment = EVENING
    assert fresh(world, "ivy") == {"Torn between two": "new"}


def test_withdrawn_reply_is_not_news(world):
    world.client("mo").get(world.thread)
    reply_id = world.reply("ray", "Too long to send")
    world.client("ray").submit(world.url("discussions.withdraw", post_id=reply_id))

    assert fresh(world, "mo") == {}


def test_no_read_mark_identifies_its_reader(world):
    for who in ("mo", "ray"):
        world.client(who).get(world.thread)

    with world.app.app_context():
        marks = db.session.scalars(select(ReadMark)).all()
        raw = [value for mark in marks for value in vars(mark).values()]

    assert len({mark.reader for mark in marks}) == 2
    assert world.ids["mo"] not in raw
    assert world.ids["ray"] not in raw


def test_reading_a_read_thread_writes_nothing(world):
    client = world.client("mo")
    client.get(world.thread)
    with world.app.app_context():
        engine = db.engine

    with transactions_of(engine) as transactions:
        client.get(world.thread)

    assert not [one for each in transactions for one in each if not one.startswith("SELECT")]


def test_home_runs_constant_statements_for_any_news(world):
    def statements():
        with world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as transactions:
            world.client("mo").get("/")
        return sum(map(len, transactions))

    statements()
    before = statements()
    for number in range(12):
        world.present("ray", f"Story {number}", "Told")

    assert statements() == before <= 11


def test_older_posts_are_not_news_to_newcomers(world):
    from datetime import timedelta

    from forum.authors.services import choose_own_name
    from forum.circles.models import Circle
    from forum.circles.services import join
    from forum.core.db import unit_of_work

    world.moment += timedelta(days=2)
    with world.app.app_context():
        with unit_of_work():
            join(db.session.get(Circle, world.ids["rose"]), world.ids["sol"], "Dr Sol")
        standing = world.standing("sol")
        with unit_of_work():
            choose_own_name(standing)
    assert fresh(world, "sol") == {}

    world.reply("ray", "Welcome")

    assert fresh(world, "sol") == {"Torn between two": "1 unread"}


def test_threads_are_ordered_by_latest_visible_activity(world):
    from datetime import timedelta

    for number in range(31):
        world.moment += timedelta(hours=1)
        world.present("ray", f"Story {number}", "Told", wish=Wish.NO_REPLY)
    world.moment += timedelta(hours=1)
    world.reply("fay", "Still with you")
    world.reply("fay", "Unseen yet", AuthorMode.THREAD_PSEUDONYM)
    circle = f"/circles/{world.ids['rose']}/"

    def titles(page):
        listed = Page(world.client("mo").get(f"{circle}?page={page}")).all("ul", cls="rows")
        return [each.text for each in listed[-1].all("a")]

    assert titles(1)[:2] == ["Torn between two", "Story 30"]
    assert (len(titles(1)), len(titles(2))) == (THREADS_EACH, 2)
    for wrong in ("3", "0", "-1", "x", "1001", "99999999999999999999", "1.5", "²"):
        assert world.client("mo").get(circle, query_string={"page": wrong}).status_code == 404


def test_thread_shows_fifty_replies_a_page(world):
    ids = [world.reply("ray", f"Number {number}") for number in range(51)]
    client = world.client("mo")

    first, second = (client.get(f"{world.thread}?page={page}").text for page in (1, 2))

    assert (first.count("class=reply>"), second.count("class=reply>")) == (50, 1)
    assert "A hard morning." in first
    assert "A hard morning." not in second
    last = client.get(f"/circles/{world.ids['rose']}/posts/{ids[-1]}").location
    assert last == f"{world.thread}?page=2#post-{short_id(ids[-1])}"
    assert fresh(world, "mo") == {}


@pytest.mark.leaks
@pytest.mark.proof("M4")
def test_read_marks_of_two_threads_are_unlinkable(world):
    """Linkable marks would join the reader of a thread, where a masked reply waits, to a name which
    answered elsewhere."""
    world.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    other = world.present("joe", "Another", "Words")
    ray = world.client("ray")
    ray.get(world.thread)
    ray.get(f"/circles/{world.ids['rose']}/threads/{other}")

    with world.app.app_context():
        marks = db.session.scalars(select(ReadMark)).all()

    assert {mark.thread_id for mark in marks} == {world.ids["thread"], other}
    assert len({mark.reader for mark in marks}) == 2


def test_a_threads_one_filled_button_is_always_in_reach(world):
    """It stands in the bar that lies under the thumb on a phone; all others are quiet."""
    for number in range(8):
        world.reply("ray", f"Reply {number}.")
    page = Page(world.client("ivy").get(world.thread))

    filled = page.all("a", cls="button")
    assert [each.text for each in filled] == ["Reply"]
    assert page.one("nav", cls="thumb").link("Reply")["href"] == f"{world.thread}/answer"


def test_a_thread_that_takes_no_reply_has_no_filled_button(world):
    with world.app.app_context(), unit_of_work():
        row_of(Thread, world.ids["thread"]).locked = True

    assert Page(world.client("ivy").get(world.thread)).all("a", cls="button") == []
