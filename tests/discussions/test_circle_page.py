"""A circle's page: what waits for a reply, filters, topics, and the thread pinned as a welcome."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.discussions.models import Thread
from forum.discussions.pinning import pin
from forum.discussions.reply_preferences import Wish
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HIDDEN = AuthorMode.THREAD_PSEUDONYM
TOLD = {"template": "free", "field_story": "Words", "title": "A visit", "wish": "hear_me_out"}


def circle(world):
    return f"/circles/{world.ids['rose']}/"


def page(world, who="mo", query=""):
    return Page(world.client(who).get(circle(world) + query))


def titles(world, who="mo", query=""):
    """Titles of the list, without what stands above it."""
    shown = page(world, who, query)
    lists = [each for each in shown.all("ul", cls="rows") if "pinned" not in each["class"]]
    listed = lists[-1] if lists else shown
    return [link.text for link in listed.all("a", cls="row-title")]


def set_topics(world, *topics):
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Circle, world.ids["rose"]).topics = list(topics)


def test_what_waits_for_a_reply_stands_first_and_once(world):
    world.moment += HOUR
    world.present("ray", "Second", "It rained.")
    world.present("fay", "To be heard", "No more.", wish=Wish.NO_REPLY)
    answered = world.present("joe", "Answered", "It snowed.")
    world.reply("ivy", "It did.", thread_id=answered)

    waiting = page(world).one("section", cls="sheet")

    assert [link.text for link in waiting.all("a")] == ["Torn between two", "Second"]
    assert sorted(titles(world)) == ["Answered", "To be heard"]


def test_a_filter_is_a_link(world):
    world.moment += HOUR
    world.present("ray", "Second", "It rained.")
    world.reply("ivy", "One.")
    filters = page(world).one("ul", cls="chips").all("a")

    assert [each.text for each in filters] == ["All", "Unread", "No reply yet", "Mine", "Saved"]
    assert [each.text for each in filters if each.get("aria-current")] == ["All"]
    assert titles(world, "mo", "?show=unanswered") == ["Second"]
    assert titles(world, "ivy", "?show=mine") == ["Torn between two"]
    assert titles(world, "ray", "?show=mine") == ["Second"]
    world.client("mo").get(world.thread)
    assert titles(world, "mo", "?show=unread") == ["Second"]
    keep = f"{world.thread}/keep"
    client = world.client("mo")
    client.post(keep, data=client.tokens(keep) | {"saved": "y"})
    assert titles(world, "mo", "?show=saved") == ["Torn between two"]
    assert "Nothing here." in page(world, "fay", "?show=saved").one("main").text


@pytest.mark.parametrize(
    "query",
    [
        *(
            "?show=x",
            "?year=1999",
            "?year=²",
            "?year=02026",
            "?year=020259",
            "?year=20261",
            "?year=" + "9" * 900,
        ),
        *("?topic=99", "?topic=x", "?topic=0000", "?topic=" + "1" * 900),
    ],
)
def test_an_unknown_filter_shows_everything(world, query):
    assert "Torn between two" in page(world, "mo", query).one("main").text
    current = [each.text for each in page(world, "mo", query).all("a", aria_current="true")]
    assert current in ([], ["All"])


def test_years_are_links_once_there_are_two(world):
    world.moment += 365 * DAY
    world.present("ray", "A year on", "It rained.")

    filters = [each.text for each in page(world).one("ul", cls="chips").all("a")]

    assert filters[-2:] == ["2027", "2026"]
    assert titles(world, "mo", "?year=2026") == ["Torn between two"]
    assert titles(world, "mo", "?year=2027") == ["A year on"]


@pytest.mark.parametrize("show", ["saved", "mine", "unanswered", "unread"])
def test_years_stay_beside_a_filter_that_finds_nothing(world, show):
    """Fails when the circle's first year is known from the threads that a filter finds alone."""
    world.reply("ray", "An answer.")
    world.client("kit").get(world.thread)
    world.moment = world.moment.replace(year=2027)

    page = world.client("kit").get(f"/circles/{world.ids['rose']}/?show={show}").text

    assert "Torn between two" not in page
    assert "?year=2026" in page


@pytest.mark.leaks
def test_mine_never_lists_what_a_mask_wrote(world):
    """Fails when "Mine" goes by all names of a hand, for its owner or for anybody else."""
    world.present("ray", "Behind", "Something.", HIDDEN)
    other = world.present("joe", "Of Joe", "It rained.")
    world.reply("ray", "Me too.", HIDDEN, thread_id=other)
    world.moment = EVENING + HOUR

    for who in ("ray", "ivy"):
        assert "Nothing here." in page(world, who, "?show=mine").one("main").text
    assert titles(world, "joe", "?show=mine") == ["Of Joe"]


def test_a_reflection_is_about_two_topics_at_most(world):
    set_topics(world, "Nights", "Teaching", "Complaints")
    client = world.client("ray")
    composer = client.get(f"{circle(world)}write").location
    fields = client.tokens(composer) | TOLD | {"mode": "own_name", "do": "look"}

    refused = client.post(composer, data=fields | {"topics": ["Nights", "Teaching", "Complaints"]})
    assert refused.status_code == 422
    assert "Choose two topics at most." in refused.text
    looked = client.post(composer, data=fields | {"topics": ["Nights", "Teaching"]})
    client.submit(looked.location)

    links = page(world).link("Nights")
    assert links["href"].endswith("?topic=0")
    assert titles(world, "mo", "?topic=0") == titles(world, "ivy", "?topic=1") == ["A visit"]
    assert "Nothing here." in page(world, "mo", "?topic=2").one("main").text
    kept = b"".join(file.read_bytes() for file in world.files())
    assert b"Nights" not in kept


def test_a_topic_removed_while_a_draft_holds_it_loses_nothing(world):
    set_topics(world, "Nights", "Teaching")
    client = world.client("ray")
    composer = client.get(f"{circle(world)}write").location
    fields = TOLD | {"mode": "own_name", "topics": ["Nights", "Teaching"]}
    client.post(composer, data=client.tokens(composer) | fields | {"do": "save"})
    set_topics(world, "Teaching")

    shown = Page(client.get(composer))
    assert shown.field("field_story").value == "Words"
    looked = client.post(composer, data=client.tokens(composer) | fields | {"do": "look"})
    assert client.submit(looked.location).status_code == 303

    assert titles(world, "mo", "?topic=0") == ["A visit"]
    with world.app.app_context():
        assert sorted(each.topics for each in db.session.query(Thread)) == [[], ["Teaching"]]


def test_editing_keeps_topics_that_were_removed_meanwhile(world):
    set_topics(world, "Nights")
    told = world.present("ray", "A night", "It rained.", topics=("Nights",))
    set_topics(world)
    client, edit = world.client("ray"), world.url("discussions.edit", post_id=told)

    form = Page(client.get(edit))
    assert form.field("topics").value == "Nights"
    fields = {"field_story": "It poured.", "title": "A night", "topics": "Nights", "do": "keep"}
    fields |= {"template": "free", "wish": "hear_me_out"}
    client.post(edit, data=client.tokens(edit) | fields)

    with world.app.app_context():
        thread = row_of(Thread, told)
        assert (thread.body, thread.topics) == ("It poured.", ["Nights"])


def test_moderators_keep_the_list_of_topics(world):
    client, url = world.client("mo"), f"{circle(world)}settings"
    fields = Page(client.get(url)).one("main").fields() | {"modes": ["own_name", "pseudonym"]}

    client.post(url, data=fields | {"topics": "Nights \n\nnights\n Home,  and us"})
    assert [each.text for each in page(world).all("ul", cls="chips")[-1].all("a")] == [
        *("Nights", "Home, and us")
    ]
    fields = Page(client.get(url)).one("main").fields() | {"modes": ["own_name", "pseudonym"]}
    refused = client.post(url, data=fields | {"topics": "x" * 41})
    assert refused.status_code == 422
    assert "At most 12 topics" in refused.text


def test_a_pinned_thread_stands_first_while_it_is_shown(world):
    told = world.present("ray", "Start here", "How we do things.", wish=Wish.NO_REPLY)
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            pin(standing, told)

    [pinned] = page(world, "ivy").all("ul", cls="pinned")
    assert "Start here" in pinned.text
    assert "Start here" not in titles(world, "ivy")
    client = world.client("ray")
    client.submit(world.url("discussions.withdraw", post_id=told))
    assert page(world, "ivy").all("ul", cls="pinned") == []


def test_quiet_is_said_after_ten_days_of_a_circle_that_spoke(world):
    assert "Quiet lately" not in world.client("mo").get(circle(world)).text
    world.moment += 10 * DAY + HOUR
    assert "Quiet lately" in world.client("mo").get(circle(world)).text
    assert "Quiet lately" not in world.client("nan").get(f"/circles/{world.ids['oak']}/").text
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        home.closes_on = home.today + 30 * DAY
    assert "Quiet lately" not in world.client("mo").get(circle(world)).text  # nobody can write


def cost(world, who, query=""):
    client, said = world.client(who), []
    client.get(circle(world) + query)
    with world.app.app_context():
        engine = db.engine

    def count(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    assert client.get(circle(world) + query).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(said)


def test_a_circles_page_runs_eleven_statements_at_most(world):
    set_topics(world, "Nights")
    assert "First steps" in world.client("mo").get(circle(world)).text
    assert cost(world, "mo") <= 11
    world.moment += 8 * DAY
    few = cost(world, "mo")
    for number in range(20):
        world.present("ray", f"Told {number}", "A short one.", topics=("Nights",))
    assert cost(world, "mo") == few <= 11
    for query in ("?show=mine", "?show=saved", "?show=unread", "?topic=0", "?year=2026"):
        assert cost(world, "mo", query) <= 11, query


@pytest.mark.leaks
def test_a_filter_asks_the_same_of_the_database_for_a_masks_holder(world):
    """Fails when "Mine" costs a statement more for whoever wrote behind a mask."""
    world.present("ray", "Behind", "Something.", HIDDEN)
    world.moment = EVENING + HOUR

    assert cost(world, "ray", "?show=mine") == cost(world, "ivy", "?show=mine")
