"""Verbs on threads, called as services: what each refuses, and what pressing twice does."""

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.core.randomness import new_id
from forum.discussions import jobs, posts, restrictions, thread_queries
from forum.discussions.composer import Quoted, Reflection, ReplyWords
from forum.discussions.models import Muted, Reply, Thread
from forum.policy.terms import AuthorMode
from tests.rows import row_of

OWN, MASK = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM


@pytest.fixture(autouse=True)
def app(world):
    with world.app.app_context():
        yield


def thread_of(world, who):
    standing = world.standing(who)
    return standing, thread_queries.thread(standing, world.ids["thread"])


def test_a_pause_is_kept_once_and_lifted_once(world):
    standing, thread = thread_of(world, "mo")
    name, counts = thread.author, []
    for muted in (True, True, False, False):
        with unit_of_work():
            restrictions.mute(standing, thread, name, muted=muted)
        counts.append(len(db.session.scalars(select(Muted)).all()))

    assert counts == [1, 1, 0, 0]


@pytest.mark.parametrize("who", ["ray", "fay"])
def test_an_id_in_use_loses_no_words(world, who):
    """The same words sent again are the first post; other words, or another's id, are refused."""
    post_id = world.reply("ray", "First")
    standing, thread = thread_of(world, who)

    def again(body):
        with unit_of_work():
            return posts.reply(standing, thread, post_id, ReplyWords(body, OWN)).id

    if who == "ray":
        assert again("First") == post_id
    with pytest.raises(InvalidInput) as refused:
        again("First" if who == "fay" else "Second")

    assert ("a page of its own" in refused.value.fields["body"]) is (who == "fay")
    assert row_of(Reply, post_id).body == "First"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Reflection("Title", {"story": "Words"}), "mode"),
        (Reflection("Title", {"story": "Words"}, mode=OWN, talk="no such way"), "talk"),
        (Reflection("Title", {"story": "Words"}, mode=OWN, talk="theme"), "talk"),
    ],
)
def test_a_reflection_needs_a_name_and_a_way_that_is_offered(world, words, field):
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        posts.present(world.standing("ray"), new_id(), words)

    assert [*refused.value.fields] == [field]


def test_a_reply_may_quote_only_words_of_its_thread(world):
    quoted = world.reply("mo", "A calm **morning** it was")
    elsewhere = world.present("mo", "Elsewhere", "A calm morning")
    standing, thread = thread_of(world, "ray")
    found = {}
    for name, quote in {
        "there": Quoted(quoted, "morning"),
        "not said": Quoted(quoted, "evening"),
        "another thread": Quoted(elsewhere, "calm"),
    }.items():
        try:
            with unit_of_work():
                posts.reply(standing, thread, new_id(), ReplyWords("Yes", OWN, quoted=quote))
            found[name] = ""
        except InvalidInput as refused:
            [found[name]] = refused.fields

    assert found["there"] == ""
    assert found["not said"]
    assert found["another thread"]


def test_a_second_mask_of_the_presenter_is_refused(world):
    standing, thread = thread_of(world, "pru")

    assert posts.reply_modes(standing, thread) == {OWN}
    with pytest.raises(Forbidden), unit_of_work():
        posts.reply(standing, thread, new_id(), ReplyWords("From behind", MASK))


def test_posts_of_an_older_renderer_are_rendered_anew(world):
    world.reply("ray", "Rendered **before**")
    with unit_of_work():
        for kind in (Thread, Reply):
            for post in db.session.scalars(select(kind)):
                post.html, post.renderer = "old", "0"

    counts = [jobs.settle()["rendered"] for _ in range(2)]

    assert counts == [2, 0]
    [reply] = db.session.scalars(select(Reply))
    assert "<strong>before</strong>" in reply.html
