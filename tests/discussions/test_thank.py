"""Thanks for a reply: a sentence from the next slot, without a number or a mark."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import jobs, post_queries, posts
from forum.discussions.models import Reply, ThankYou
from forum.policy.terms import MASKS, AuthorMode
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING, MORNING, transactions_of

SAID = "Someone says thank you."
HIDDEN = AuthorMode.THREAD_PSEUDONYM


def thank(world, who, post_id):
    return world.client(who).submit(f"{world.thread}/posts", thank=short_id(post_id))


def kept(world):
    with world.app.app_context():
        return [(row.id, row.appears_at) for row in db.session.scalars(select(ThankYou))]


def seen(world, who="mo"):
    return world.client(who).get(world.thread).text.count(SAID)


def test_thanks_show_to_all_from_the_next_slot_without_a_number(world):
    post = world.reply("ray", "I have been there.")
    for who in ("ivy", "fay", "ivy"):
        assert thank(world, who, post).status_code == 303
    early = [seen(world, who) for who in ("ray", "ivy", "mo")]
    world.moment = EVENING

    assert early == [0, 0, 0]
    assert [seen(world, who) for who in ("ray", "ivy", "mo")] == [1, 1, 1]
    assert kept(world) == [(post, EVENING)]


def test_a_tap_leads_back_to_the_reply_and_says_once_what_comes(world):
    post, client = world.reply("ray", "I have been there."), world.client("ivy")
    assert Page(client.get(world.thread)).button("Thank you")["value"] == short_id(post)

    sent = client.submit(f"{world.thread}/posts", thank=short_id(post))

    told = Page(client.get(sent.location)).all("p", role="status")
    assert sent.location.endswith(f"#post-{short_id(post)}")
    assert [each.text for each in told] == [
        "It will say that someone says thank you, about 7 this evening. Nobody can tell who."
    ]
    assert not Page(client.get(world.thread)).all("p", role="status")


def test_thanking_oneself_by_name_does_nothing(world):
    post = world.reply("ray", "Mine")
    world.moment = EVENING + timedelta(minutes=1)
    page = world.client("ray").get(world.thread).text

    sent = thank(world, "ray", post)
    world.moment += timedelta(days=1)

    assert f"name=thank value={short_id(post)}" not in page
    assert sent.status_code == 303
    assert kept(world) == []
    assert seen(world) == 0


@pytest.mark.leaks
@pytest.mark.parametrize("who", ["ray", "ivy"])
@pytest.mark.parametrize("mode", sorted(MASKS))
def test_a_tap_on_a_hidden_reply_counts_whosever_it_is(world, mode, who):
    """Fails when nothing comes of a tap on one's own hidden reply: whoever presses all of them at
    somebody's open screen would see after the slot which are theirs."""
    post = world.reply("ray", "Mine", mode)
    world.moment = EVENING + timedelta(minutes=1)
    page = world.client(who).get(world.thread).text

    thank(world, who, post)
    world.moment += timedelta(days=1)

    assert f"name=thank value={short_id(post)}" in page
    assert seen(world) == 1


@pytest.mark.leaks
def test_a_tap_runs_the_same_statements_whoever_taps(world):
    """Fails when the database is asked something else by the writer of a hidden reply, by the
    second who thanks before the slot, or by anybody after it."""
    post = world.reply("ray", "Mine", HIDDEN)
    world.moment = EVENING + timedelta(minutes=1)
    for who in ("ray", "ivy", "fay"):
        world.client(who).get(world.thread)
    with world.app.app_context():
        engine = db.engine
    found = []
    for who in ("ray", "ivy", "fay", "ray", "ivy"):
        client = world.client(who)
        tokens = client.tokens("/")
        with transactions_of(engine) as done:
            answer = client.post(f"{world.thread}/posts", data=tokens | {"thank": short_id(post)})
        found.append((answer.status_code, answer.location, done))

    assert all(each == found[0] for each in found)
    assert len(kept(world)) == 1


@pytest.mark.leaks
def test_no_column_of_thanks_holds_anything_of_who_said_it():
    """Fails when a mark is kept, keyed or not, or a time of its own beside the slot."""
    assert {column.name for column in ThankYou.__table__.columns} == {
        *("id", "circle_id", "appears_at")
    }
    assert [key.column.table.name for key in ThankYou.__table__.c.id.foreign_keys] == ["reply"]


@pytest.mark.parametrize("who", ["nan", "sol", "lee"])
def test_strangers_cannot_thank(world, who):
    post = world.reply("ray", "I have been there.")

    assert thank(world, who, post).status_code == 404
    assert kept(world) == []


def test_only_open_replies_of_the_thread_are_thanked_for(world):
    world.moment = MORNING
    waiting = world.reply("fay", "Not yet", HIDDEN)
    other = world.present("ray", "Another", "Elsewhere.")
    far = world.reply("ray", "Far away", thread_id=other)
    gone = world.reply("ray", "Gone")
    world.client("ray").submit(world.url("discussions.withdraw", post_id=gone), do="now")

    found = [thank(world, "ivy", post) for post in (waiting, far, other, gone)]

    assert [each.status_code for each in found] == [404, 404, 404, 303]
    assert kept(world) == []


def test_thanks_go_with_the_reply(world):
    post = world.reply("ray", "I have been there.")
    thank(world, "ivy", post)
    world.moment = EVENING

    with world.app.app_context():
        db.session.delete(row_of(Reply, post))
        db.session.commit()

    assert kept(world) == []


def test_a_reply_that_is_withdrawn_takes_its_own_thanks_along(world):
    """Fails when thanks for other replies go too."""
    first, second = world.reply("ray", "One"), world.reply("ray", "Two")
    for post in (first, second):
        thank(world, "pru", post)
    world.moment = EVENING
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            posts.withdraw(standing, post_queries.any_post(standing, first))
    for _ in range(3):
        world.moment += timedelta(minutes=21)
        with world.app.app_context():
            jobs.erase()
    with world.app.app_context():
        left = db.session.scalars(select(ThankYou.id)).all()

    assert (first in left, second in left) == (False, True)
