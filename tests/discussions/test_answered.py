"""What is replied to stays in sight while one replies."""

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import post_queries, posts, restrictions
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode, ContentNote, Hidden
from tests.page import Page

TOLD = "A hard morning."


def beside(answer):
    """What stands beside the box."""
    return Page(answer).one("aside", cls="answered")


def composer(world, who="ray", thread=None):
    client = world.client(who)
    return client, client.get(f"{thread or world.thread}/answer").location


def test_the_opening_stands_beside_the_box(world):
    client, url = composer(world)

    there = beside(client.get(url))

    assert there.one("h2").text == "Torn between two"
    assert there.one("details").one("div", cls="post-body").text == TOLD
    assert there.one("span", cls="peek").text == TOLD
    assert "Dr Pru" in there.text
    assert "What would help: Hear me out" in there.text


@pytest.mark.parametrize(
    "sent",
    [
        {"body": "", "do": "own_name"},
        {"body": "x" * 20_001, "do": "own_name"},
        {"body": "You should have slept.", "do": "own_name"},
        {"body": "You should have slept.", "do": "thread_pseudonym"},
    ],
    ids=["empty", "too long", "advice", "advice, hidden"],
)
def test_it_stays_when_the_reply_comes_back(world, sent):
    client, url = composer(world)

    back = client.post(url, data=client.tokens(url) | sent)

    assert back.status_code in (200, 422)
    assert TOLD in beside(back).text


def test_a_quoted_reply_stands_there_whole_and_stays(world):
    told = "She waited. " * 100
    quoted = world.reply("fay", told)
    client = world.client("ray")
    url = client.submit(f"{world.thread}/posts", quote=short_id(quoted)).location

    page = client.get(url)
    back = client.post(
        url.partition("?")[0],
        data=client.tokens_of(page)
        | {"quoted": str(quoted), "excerpt": "She", "body": "", "do": "own_name"},
    )

    for each in (page, back):
        assert [h.text for h in beside(each).all("h2")] == ["Reply by Dr Fay", "Torn between two"]
        assert told.strip() in beside(each).text


def test_a_content_note_folds_it_without_a_line(world):
    notes = (ContentNote.PATIENT_DEATH,)
    thread_id = world.present("pru", "Folded", "He died at noon.", notes=notes)
    client, url = composer(world, thread=f"/circles/{world.ids['rose']}/threads/{thread_id}")

    there = beside(client.get(url))

    assert there.one("summary").text.startswith("Content note:")
    assert not there.all("span", cls="peek")
    assert "open" not in there.one("details").attributes


@pytest.mark.parametrize("gone", ["hidden", "withdrawn"])
def test_what_nobody_may_read_is_not_shown_there(world, gone):
    quoted = world.reply("fay", "She waited.")
    with world.app.app_context():
        for who, post_id in (("fay", quoted), ("pru", world.ids["thread"])):
            with unit_of_work():
                standing = world.standing(who)
                post = post_queries.any_post(standing, post_id)
                if gone == "hidden":
                    restrictions.hide(standing, post, Hidden.PATIENT)
                else:
                    posts.withdraw(standing, post)
    client, url = composer(world)

    page = client.get(f"{url}?quote=nothing").text
    back = client.post(
        url,
        data=client.tokens(url) | {"quoted": str(quoted), "excerpt": "She waited.", "do": "change"},
    )

    assert TOLD not in page
    assert TOLD not in back.text
    assert "She waited." not in beside(back).text


def test_a_reply_of_another_thread_cannot_be_shown_there(world):
    other = world.present("fay", "Another", "Elsewhere.")
    far = world.reply("fay", "Far away", thread_id=other)
    client, url = composer(world)

    back = client.post(
        url, data=client.tokens(url) | {"quoted": str(far), "excerpt": "Far", "do": "change"}
    )

    assert "Far away" not in back.text


@pytest.mark.leaks
def test_beside_a_hidden_opening_nobody_is_named(world):
    """Fails when the composer's side tells more of a hidden presenter than the thread does."""
    thread_id = world.present("kit", "Told hidden", "Behind.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = world.moment.replace(hour=20)
    client, url = composer(world, thread=f"/circles/{world.ids['rose']}/threads/{thread_id}")

    assert "Dr Kit" not in client.get(url).text
    with world.app.app_context():
        assert db.session.scalars(select(Reply)).all() == []
