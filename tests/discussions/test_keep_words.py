"""What is typed comes back, once and under one id, and nothing that is gone comes with it."""

import re

import pytest

from forum.core.db import db, unit_of_work
from forum.discussions import drafts, posts
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.world import PASSWORD

LONG = "word " * 60_000  # more than a post may hold, and than other forms may


def begun(client, thread):
    """A composer's address, and what it sends along."""
    composer = client.get(f"{thread}/answer").location
    page = client.get(composer).text
    tab = re.search(r'name="tab"[^>]*value="([^"]+)"', page)[1]
    return composer, client.tokens(composer) | {"tab": tab, "began": ""}


def kept(world, who):
    with world.app.app_context():
        return len(drafts.own(world.standing(who)))


def test_a_composer_gives_a_text_back_whole_that_is_too_long_to_post(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)

    answer = client.post(composer, data=sent | {"do": "own_name", "body": LONG})

    assert answer.status_code == 422
    assert LONG.strip() in answer.text
    assert "At most 20,000 characters, please." in answer.text


def test_so_does_the_page_that_asks_who_is_there(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    with client.session_transaction() as session:
        session.pop("token")

    asked = client.post(composer, data=sent | {"do": "own_name", "body": LONG})
    hidden = re.findall(r'<textarea name="(kept[^"]*)" hidden>\n(.*?)</textarea>', asked.text, re.S)
    carried = client.tokens_of(asked) | dict(hidden)
    who = {"email": "ivy@example.org", "password": PASSWORD, "device": "own"}
    back = client.post("/sign-in", data=carried | who)

    assert asked.status_code == 401
    assert LONG.strip() in back.text


def test_beyond_two_mebibytes_the_page_says_where_the_text_still_is(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)

    answer = client.post(composer, data=sent | {"body": "x" * (2 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "Press Back in your browser: your text is still there." in answer.text


def test_autosave_brings_nothing_back_that_was_withdrawn(world):
    post = world.reply("ray", "In the open")
    client, url = world.client("ray"), world.url("discussions.edit", post_id=post)
    sent = client.tokens(url) | {"began": "", "tab": "x"}
    client.submit(world.url("discussions.withdraw", post_id=post))

    auto = client.post(url, data=sent | {"do": "auto", "body": "In the open again"})
    saved = client.post(url, data=sent | {"do": "save", "body": "In the open again"})

    assert (auto.status_code, saved.status_code) == (409, 409)
    assert "In the open again" in saved.text
    assert kept(world, "ray") == 0


def test_nor_what_was_posted_while_it_was_on_its_way(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "own_name", "body": "Posted"})

    auto = client.post(composer, data=sent | {"do": "auto", "body": "Posted"})

    assert auto.status_code == 409
    assert kept(world, "ivy") == 0


@pytest.mark.parametrize("field", ["quotation", "kind"])
def test_an_error_of_one_field_gives_a_draft_no_second_id(world, field):
    said = world.reply("ray", "The long night was hard.")
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "auto", "body": "My words."})
    wrong = {
        "quotation": {"quoted": str(said), "excerpt": "not his words"},
        "kind": {"kind": "nonsense"},
    }

    refused = client.post(composer, data=sent | {"do": "own_name", "body": "Mine."} | wrong[field])
    action = re.search(r'<form class="composer" method="post" action="([^"]+)"', refused.text)[1]
    client.post(action, data=sent | {"do": "own_name", "body": "Mine.", "excerpt": ""})

    assert refused.status_code == 422
    assert action == composer
    assert kept(world, "ivy") == 0


def test_words_posted_under_an_id_leave_it_to_others_under_a_new_one(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "own_name", "body": "First"})

    again = client.post(composer, data=sent | {"do": "own_name", "body": "Second"})
    action = re.search(r'<form class="composer" method="post" action="([^"]+)"', again.text)[1]

    assert again.status_code == 422
    assert action != composer
    assert "Second" in again.text


def test_a_draft_kept_by_a_service_is_asked_too(world):
    """Fails when only the page looks whether a post is gone."""
    post = world.reply("ray", "In the open", AuthorMode.OWN_NAME)
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            posts.withdraw(standing, db.session.get(Reply, post))
        with pytest.raises(posts.InvalidInput), unit_of_work():
            drafts.keep(standing, post, drafts.ReplyWords("Again"), None, amends=True)
