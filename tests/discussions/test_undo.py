"""A withdrawal by name asks once, can be undone for ten minutes, and is erased within the hour."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden
from forum.discussions import jobs, post_queries, posts, restrictions
from forum.discussions.composer import Quoted
from forum.discussions.models import Quote, Reply, Thread
from forum.policy.terms import MASKS, AuthorMode, Hidden
from tests.discussions.test_rounds import begun
from tests.moderation.test_flag import desk, flag
from tests.page import Page
from tests.routes import parts_of, routes_of
from tests.rows import row_of
from tests.world import EVENING, World

MINUTE = timedelta(minutes=1)
TEXT = "Kestrels over Sampleton"


def withdraw(world, post_id, who="ray"):
    """Withdraw a post through its pages; returns the page that offers to undo it."""
    client = world.client(who)
    asked = Page(client.get(world.url("discussions.withdrawing", who=who, post_id=post_id)))
    assert asked.one("h1").text == "Withdraw this post?"
    sent = client.submit(asked.one("form", cls="post-button")["action"])
    return client, sent.location


def undo(client, location):
    page = client.get(location)
    form = Page(page).one("form", cls="post-button")
    return client.post(form["action"], data=client.tokens_of(page) | {"token": token(form)})


def token(form):
    return form.one("input", name="token")["value"]


def body(world, post_id):
    with world.app.app_context():
        return post_queries.any_post(world.standing("ray"), post_id).body


def settle(world):
    with world.app.app_context():
        return jobs.erase()


def seen(world):
    """Where the text can be read by anybody."""
    found = {who: world.client(who).get(world.thread).text for who in ("ray", "ivy", "mo")}
    found["search"] = world.client("ivy").search("kestrels").text
    found["circle"] = world.client("ivy").get(f"/circles/{world.ids['rose']}/").text
    found["yours"] = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text
    return {place for place, words in found.items() if TEXT in re.sub("</?mark>", "", words)}


@pytest.fixture
def said(world):
    """A reply of Ray's that Ivy has quoted."""
    post_id = world.reply("ray", TEXT)
    world.reply("ivy", "As you say", quoted=Quoted(post_id, TEXT))
    return post_id


def test_nobody_sees_it_meanwhile_and_undo_brings_text_and_quotes_back(world, said):
    before = seen(world)
    client, location = withdraw(world, said)

    meanwhile = seen(world)
    page = client.get(location).text
    back = undo(client, location)

    assert meanwhile == set()
    assert "Until 10:30 you can undo this" in page
    assert back.status_code == 303
    assert seen(world) == before == {"ray", "ivy", "mo", "search", "yours"}
    quoted = world.client("fay").get(world.thread).text
    assert quoted.count(TEXT) == 2


def test_pressed_twice_withdraw_still_leads_to_undo(world, said):
    """Fails when the second press meets an error, or gives longer than the first gave."""
    client = world.client("ray")
    asked = Page(client.get(world.url("discussions.withdrawing", post_id=said)))
    form = asked.one("form", cls="post-button")
    fields = {each["name"]: each["value"] for each in form.all("input")}

    sent = [client.post(form["action"], data=fields) for _ in range(2)]
    world.moment += 9 * MINUTE
    late = client.post(form["action"], data=fields)
    page = client.get(late.location).text

    assert [each.status_code for each in (*sent, late)] == [303, 303, 303]
    assert "Until 10:30 you can undo this" in page
    assert undo(client, sent[1].location).status_code == 303
    assert TEXT in client.get(world.thread).text


def test_no_page_of_anybody_shows_it_meanwhile(world, said):
    """Fails when any page of the url map, read by anybody, holds a withdrawn post's words."""
    withdraw(world, said)
    urls = {url for _, method, url in routes_of(world, parts_of(world)) if method == "GET"}

    shown = {
        (who, url)
        for who in ("ray", "ivy", "pru", "fay", "mo")
        for url in urls
        if "Kestrels" in world.client(who).get(url).text
    }

    assert len(urls) > 80
    assert shown == set()


def test_an_opening_comes_back_with_its_title(world):
    client, location = withdraw(world, world.ids["thread"], who="pru")
    assert "Torn between two" not in world.client("ivy").get("/").text
    assert "Torn between two" not in world.client("ivy").get(world.thread).text

    undo(client, location)

    assert "Torn between two" in world.client("ivy").get(world.thread).text


@pytest.mark.parametrize(("minutes", "comes_back"), [(9, True), (11, False), (50, False)])
def test_it_can_be_undone_for_ten_minutes(world, said, minutes, comes_back):
    client, location = withdraw(world, said)
    form = Page(client.get(location)).one("form", cls="post-button")
    sealed = token(form)
    for _ in range(minutes):
        world.moment += MINUTE
        settle(world)

    sent = client.submit(form["action"], token=sealed)

    assert sent.status_code == 303
    assert (TEXT in world.client("ivy").get(world.thread).text) is comes_back
    assert "Undo" not in client.get(location).text


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_worker_erases_it_after_twenty_to_forty_minutes(world, said, minute):
    world.moment = world.moment.replace(minute=minute)
    withdraw(world, said)
    erased_after = None
    for passed in range(1, 61):
        world.moment += MINUTE
        if settle(world):
            erased_after = passed
            break

    assert 20 <= erased_after <= 40
    assert body(world, said) == ""
    with world.app.app_context():
        assert db.session.scalars(select(Quote)).all() == []
        assert {row.undo_window for row in db.session.scalars(select(Reply))} == {None}


def test_erasing_changes_nothing_that_shows(world, said):
    withdraw(world, said)
    world.moment += 41 * MINUTE
    with world.app.app_context():
        before = row_of(Thread, world.ids["thread"]).last_change_id
    world.client("ivy").get(world.thread)
    page = world.client("ivy").get(world.thread).text

    assert settle(world) == 1

    with world.app.app_context():
        assert row_of(Thread, world.ids["thread"]).last_change_id == before
    assert len(world.client("ivy").get(world.thread).text) == len(page)


@pytest.mark.leaks
def test_no_moment_of_a_withdrawal_is_stored(tmp_path):
    """Fails when a row tells more of the minute than which third of an hour it was in."""
    found = []
    for minute in (21, 38):
        world = World(tmp_path / str(minute))
        post_id = world.reply("ray", TEXT)
        world.moment = world.moment.replace(minute=minute)
        withdraw(world, post_id)
        with world.app.app_context():
            row = db.session.execute(select(Reply.__table__)).one()._mapping
            found.append({name: row[name] for name in row if not isinstance(row[name], bytes)})

    drawn = {"id", "author_id", "thread_id", "circle_id", "revision"}
    assert {k: v for k, v in found[0].items() if k not in drawn} == {
        k: v for k, v in found[1].items() if k not in drawn
    }
    assert found[0]["undo_window"] in (0, 1, 2)


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_hidden_names_have_no_undo(world, mode):
    post_id = world.reply("ray", TEXT, mode)
    world.moment = EVENING
    url = world.url("discussions.withdraw", post_id=post_id)
    asked = world.client("ray").get(world.url("discussions.withdrawing", post_id=post_id)).text
    world.client("ray").submit(url, do="now")

    assert "People who are reading may notice the moment" in asked
    assert "For ten minutes" not in asked
    assert body(world, post_id) == ""
    with world.app.app_context():
        standing = world.standing("ray")
        post = post_queries.any_post(standing, post_id)
        with pytest.raises(Forbidden):
            posts.undo_withdrawal(standing, post)


def test_a_hidden_post_goes_for_good(world, said):
    with world.app.app_context(), unit_of_work():
        standing = world.standing("mo")
        restrictions.hide(standing, post_queries.any_post(standing, said), Hidden.PATIENT)
    page = world.client("ray").get(world.url("discussions.withdrawing", post_id=said)).text
    assert "goes for good" in page

    world.client("ray").submit(world.url("discussions.withdraw", post_id=said))

    assert body(world, said) == ""


@pytest.mark.parametrize("who", ["ivy", "mo", "nan"])
def test_only_its_author_brings_it_back(world, said, who):
    client, location = withdraw(world, said)
    form = Page(client.get(location)).one("form", cls="post-button")
    urls = (form["action"], world.url("discussions.undo", who=who, post_id=said))

    for url in urls:
        assert world.client(who).submit(url, token=token(form)).status_code == 404
    for forged in ("", "x", token(form)[:-4] + "AAA="):
        client.submit(form["action"], token=forged)
    assert TEXT not in world.client("ivy").get(world.thread).text


def test_the_time_of_one_withdrawal_undoes_no_other(world, said):
    """Fails when a token of one post's withdrawal opens another's."""
    other = world.reply("ray", "A second one")
    withdraw(world, other)
    world.moment += 15 * MINUTE
    client, location = withdraw(world, said)
    fresh = token(Page(client.get(location)).one("form", cls="post-button"))

    client.submit(world.url("discussions.undo", who="ray", post_id=other), token=fresh)

    assert "A second one" not in world.client("ivy").get(world.thread).text


def test_a_flag_waits_for_the_end_and_comes_back_with_the_post(world, said):
    flag(world, "fay", said, reason="unkind")
    client, location = withdraw(world, said)
    assert "A post by Dr Ray" not in desk(world)
    settle(world)

    undo(client, location)

    assert "A post by Dr Ray" in desk(world)


def test_undo_pressed_twice_leads_to_the_post(world, said):
    client, location = withdraw(world, said)
    form = Page(client.get(location)).one("form", cls="post-button")
    sealed = token(form)

    answers = [client.submit(form["action"], token=sealed) for _ in range(2)]

    assert {each.location for each in answers} == {world.url("discussions.post", post_id=said)}


def test_your_posts_begin_with_what_waits_and_what_is_hidden(world, said):
    hidden = world.reply("ray", "Hidden one")
    world.reply("ray", "Waiting one", AuthorMode.THREAD_PSEUDONYM)
    flag(world, "fay", hidden)

    page = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/your-words"))

    assert [each.text for each in page.one("main").all("h2")] == ["Waiting", "Hidden", "Posted"]
    found = [each.text for each in page.all("div", cls="post-body")]
    assert found == ["Waiting one", "Hidden one", TEXT]


def test_undo_brings_back_no_second_open_question(world):
    told = begun(world, talk="inviting_change")
    first = world.reply("ray", "First?", thread_id=world.ids["told"])
    client, location = withdraw(world, first)
    second = world.reply("ray", "Second?", thread_id=world.ids["told"])

    refused = undo(client, location)

    assert "Withdraw that one, then undo this." in client.get(refused.location).text
    assert "First?" not in world.client("ivy").get(told).text
    withdraw(world, second)
    undo(client, refused.location)
    page = world.client("ivy").get(told).text
    assert "First?" in page
    assert "Second?" not in page


def test_undo_brings_back_a_question_once_the_next_is_answered(world):
    told = begun(world, talk="inviting_change")
    in_told = {"thread_id": world.ids["told"]}
    first = world.reply("ray", "First?", **in_told)
    client, location = withdraw(world, first)
    second = world.reply("ray", "Second?", **in_told)
    world.reply("pru", "This", quoted=Quoted(second, "Second?"), **in_told)

    undo(client, location)

    assert "First?" in world.client("ivy").get(told).text


@pytest.mark.parametrize("stopped", ["paused", "locked"])
def test_undoing_brings_no_second_open_question_back_while_nothing_may_be_written(world, stopped):
    """Fails when a quota is asked about in open phases alone."""
    told = begun(world, talk="inviting_change")
    first = world.reply("ray", "First?", thread_id=world.ids["told"])
    client, location = withdraw(world, first)
    world.reply("ray", "Second?", thread_id=world.ids["told"])
    if stopped == "paused":
        world.client("pru").submit(f"{told}/round", move="pause")
    else:
        url = f"/circles/{world.ids['rose']}/posts/{world.ids['told']}/replies-off"
        world.client("mo").submit(url, reason="Calm")

    undo(client, location)

    page = world.client("ivy").get(told).text
    assert "Second?" in page
    assert "First?" not in page
