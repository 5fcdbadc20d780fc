"""Moderating where one reads: the button, asking for a change, turning replies off, the desk."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.audit import queries as logs
from forum.core.db import db
from forum.core.tokens import short_id
from forum.discussions.models import Hiding
from forum.moderation import queries
from forum.policy.terms import AuthorMode, FlagReason, Hidden
from tests.circles import ways
from tests.moderation.test_flag import ask, desk, edit, flag, press, turn_off
from tests.page import Page
from tests.world import EVENING, World, transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
REASON = "It went round in circles;\tlet us <b>rest</b>."
WORDS = "Please leave out the practice."


def care(world, post_id):
    return f"/circles/{world.ids['rose']}/posts/{post_id}/care"


def log(world, who="ivy"):
    return world.client(who).get(f"/circles/{world.ids['rose']}/log").text


def test_moderators_have_moderate_below_every_post_where_others_flag(world):
    reply = world.reply("ray", "One")
    pages = {who: Page(world.client(who).get(world.thread)) for who in ("mo", "ray", "fay")}

    for post in (world.ids["thread"], reply):
        found = {who: page.all("button", value=short_id(post)) for who, page in pages.items()}
        assert "Moderate" in [each.text for each in found["mo"]]
        assert "Flag" not in [each.text for each in found["mo"]]
        assert "Moderate" not in str([each.text for who in ("ray", "fay") for each in found[who]])
        sent = world.client("mo").submit(f"{world.thread}/posts", moderate=short_id(post))
        assert sent.location == care(world, post)


@pytest.mark.parametrize("who", ["mo", "ivy"])
def test_turning_off_takes_a_reason_that_all_read(world, who):
    refused = turn_off(world, world.ids["thread"], " ")
    assert refused.status_code == 422
    assert "everyone in the thread will read it" in refused.text
    too_long = turn_off(world, world.ids["thread"], "x" * 301)
    assert (too_long.status_code, "x" * 301 in too_long.text) == (422, True)

    assert turn_off(world, world.ids["thread"], REASON).status_code == 303

    quoted = Page(world.client(who).get(world.thread)).one("q").text
    assert quoted == "It went round in circles; let us <b>rest</b>."
    assert quoted in [each.text for each in Page(world.client(who).get(log_url(world))).all("q")]


def log_url(world):
    return f"/circles/{world.ids['rose']}/log"


def test_reasons_stand_in_the_log_as_written_and_go_from_the_thread(world):
    turn_off(world, world.ids["thread"], "First")
    press(world, world.ids["thread"], "unlock")
    turn_off(world, world.ids["thread"], "Second")
    press(world, world.ids["thread"], "unlock")

    assert "<q" not in world.client("ivy").get(world.thread).text
    assert [each.text for each in Page(world.client("ivy").get(log_url(world))).all("q")] == [
        *("Second", "First")
    ]
    with world.app.app_context():
        assert logs.fault(world.ids["rose"]) is None


def test_two_moderators_turning_off_at_once_give_one_reason(world):
    turn_off(world, world.ids["thread"], "Mine")

    assert turn_off(world, world.ids["thread"], "Yours").status_code == 303
    assert Page(world.client("ivy").get(world.thread)).one("q").text == "Mine"


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_asking_hides_the_post_until_it_is_changed_and_checked(world, mode):
    post = world.reply("ray", "At Elm Surgery", mode)
    world.moment = EVENING
    assert ask(world, post).status_code == 422
    assert "Elm Surgery" in world.client("ivy").get(world.thread).text

    assert ask(world, post, WORDS).status_code == 303

    for who in ("ivy", "ray", "fay"):
        page = world.client(who).get(world.thread).text
        assert "Elm Surgery" not in page
        assert (WORDS in page) is (who == "ray" and not mode.masked)
    yours = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text
    assert WORDS in yours
    assert WORDS in world.client("ray").get(world.url("discussions.edit", post_id=post)).text
    assert WORDS in desk(world)
    assert WORDS not in log(world)
    edit(world, "ray", post, "At a surgery")
    world.moment = world.moment.replace(day=4)
    assert "At a surgery" not in world.client("ivy").get(world.thread).text
    press(world, post, "show")
    assert "At a surgery" in world.client("ivy").get(world.thread).text


def test_the_author_is_told_by_name_alone_that_a_change_is_asked(world):
    post = world.reply("ray", "At Elm Surgery")
    ask(world, post, WORDS)

    pages = {who: world.client(who).get("/").text for who in ("ray", "ivy", "mo")}

    assert "A moderator asks for a change." in pages["ray"]
    assert "A moderator asks" not in pages["ivy"] + pages["mo"]


@pytest.mark.leaks
@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_asking_writes_the_same_whoever_wrote(tmp_path, mode):
    """Fails when a change asked of a hidden name touches a row of its holder's."""
    found = []
    for who in ("ray", "ivy"):
        world = World(tmp_path / who)
        post = world.reply(who, "At Elm Surgery", mode)
        world.moment = EVENING
        world.client("mo").get(care(world, post))
        with world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as done:
            assert ask(world, post, WORDS).status_code == 303
        found.append(done)
        with world.app.app_context():
            [row] = db.session.scalars(select(Hiding))
            assert (row.why, row.asked) == (Hidden.MODERATOR, WORDS)

    assert found[0] == found[1]


def test_the_desk_says_who_waits_and_since_when(world):
    flagged = world.reply("ray", "One")
    flag(world, "ivy", flagged)
    world.present("fay", "Lonely", "Nobody answered this.")
    asked = world.reply("fay", "Two")
    ask(world, asked, WORDS)
    world.moment = world.moment.replace(day=6)

    page = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/desk"))

    heads = [each.text for each in page.one("main").all("h2")]
    assert heads == ["To check", "Waiting for a first reply", "Waiting for the author"]
    assert [each.text for each in page.all("span", cls="row-end")] == [
        *("since Monday", "since Monday", "since Monday", "since Monday")
    ]


@pytest.mark.parametrize(("left", "number"), [(4, 0), (3, 1), (0, 1)])
def test_the_desk_lists_invitations_of_the_last_three_days(world, left, number):
    """Fails when moderators hear a day late that somebody has not come yet."""
    ways.link(world)
    world.moment += timedelta(days=14 - left)

    with world.app.app_context():
        assert len(queries.desk(world.standing("mo")).lapsing) == number


def test_decisions_can_be_found_again_and_undone(world):
    flagged, paused = world.reply("ray", "One"), world.reply("fay", "Two")
    flag(world, "ivy", flagged, reason=FlagReason.UNKIND)
    press(world, flagged, "no_need")
    press(world, paused, "mute")
    turn_off(world, world.ids["thread"], "Rest")

    page = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/desk"))

    found = [(each.text, each["href"]) for each in page.all("a", cls="row-title")]
    assert found[-3:] == [
        ("Torn between two", care(world, world.ids["thread"])),
        ("Dr Fay", care(world, paused)),
        ("A post by Dr Ray", care(world, flagged)),
    ]
    assert "Let Dr Fay post here again" in world.client("mo").get(found[-2][1]).text
    assert "Turn replies back on" in world.client("mo").get(found[-3][1]).text


def test_a_moderator_pins_where_they_read(world):
    press(world, world.ids["thread"], "pin")
    there = (
        "A moderator keeps this at the top."
        in world.client("ivy").get(f"/circles/{world.ids['rose']}/").text
    )
    page = world.client("mo").get(care(world, world.ids["thread"])).text
    press(world, world.ids["thread"], "unpin")

    assert there
    assert "Unpin the thread" in page
    assert (
        "keeps this at the top"
        not in world.client("ivy").get(f"/circles/{world.ids['rose']}/").text
    )


def test_letting_somebody_post_again_answers_no_flag(world):
    """Fails when a flag raised during a pause is settled by its end, and nobody looks at it."""
    post = world.reply("ray", "Something sharp.")
    press(world, post, "mute")
    flag(world, "joe", post, "unkind", words="This hurt me.")

    assert press(world, post, "unmute").status_code == 303

    with world.app.app_context():
        [flagged] = queries.desk(world.standing("mo")).flagged
        assert [each.words for each in flagged.flags] == ["This hurt me."]
