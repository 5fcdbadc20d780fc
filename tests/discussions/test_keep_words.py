"""A refused text comes back once, under a single id, and never restores a withdrawn text."""

import pytest

from forum.core.db import unit_of_work
from forum.discussions import drafts, posts
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.rows import row_of
from tests.world import PASSWORD

LONG = "word " * 60_000  # beyond the limits of a post and of short forms


def begun(client, thread):
    """A composer's address and its hidden fields."""
    composer = client.get(f"{thread}/answer").location
    tab = Page(client.get(composer)).field("tab").value
    return composer, client.tokens(composer) | {"tab": tab, "began": ""}


def kept(world, who):
    with world.app.app_context():
        return len(drafts.own(world.standing(who)))


def test_composer_returns_a_too_long_text_whole(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)

    answer = client.post(composer, data=sent | {"do": "own_name", "body": LONG})

    assert answer.status_code == 422
    assert LONG.strip() in answer.text
    assert "At most 20,000 characters, please." in answer.text


def test_password_page_returns_a_too_long_text(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    with client.session_transaction() as session:
        session.pop("token")

    asked = client.post(composer, data=sent | {"do": "own_name", "body": LONG})
    hidden = {each["name"]: each.value for each in Page(asked).all("textarea", hidden="")}
    carried = client.tokens_of(asked) | hidden
    who = {"email": "ivy@example.org", "password": PASSWORD, "device": "own"}
    back = client.post("/sign-in", data=carried | who)

    assert asked.status_code == 401
    assert LONG.strip() in back.text


def test_request_beyond_two_mebibytes_explains_itself(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)

    answer = client.post(composer, data=sent | {"body": "x" * (2 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "Press Back in your browser: your text is still there." in answer.text


def test_autosave_restores_no_withdrawn_text(world):
    post = world.reply("ray", "In the open")
    client, url = world.client("ray"), world.url("discussions.edit", post_id=post)
    sent = client.tokens(url) | {"began": "", "tab": "x"}
    client.submit(world.url("discussions.withdraw", post_id=post))

    auto = client.post(url, data=sent | {"do": "auto", "body": "In the open again"})
    saved = client.post(url, data=sent | {"do": "save", "body": "In the open again"})

    assert (auto.status_code, saved.status_code) == (409, 409)
    assert "In the open again" in saved.text
    assert kept(world, "ray") == 0


def test_late_autosave_restores_no_posted_text(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "own_name", "body": "Posted"})

    auto = client.post(composer, data=sent | {"do": "auto", "body": "Posted"})

    assert auto.status_code == 409
    assert kept(world, "ivy") == 0


@pytest.mark.parametrize("field", ["quotation", "kind"])
def test_field_error_keeps_the_draft_id(world, field):
    said = world.reply("ray", "The long night was hard.")
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "auto", "body": "My words."})
    wrong = {
        "quotation": {"quoted": str(said), "excerpt": "not his words"},
        "kind": {"kind": "nonsense"},
    }

    refused = client.post(composer, data=sent | {"do": "own_name", "body": "Mine."} | wrong[field])
    action = Page(refused).one("form", cls="composer")["action"]
    client.post(action, data=sent | {"do": "own_name", "body": "Mine.", "excerpt": ""})

    assert refused.status_code == 422
    assert action == composer
    assert kept(world, "ivy") == 0


def test_posted_id_gives_later_text_a_new_id(world):
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "own_name", "body": "First"})

    again = client.post(composer, data=sent | {"do": "own_name", "body": "Second"})
    action = Page(again).one("form", cls="composer")["action"]

    assert again.status_code == 422
    assert action != composer
    assert "Second" in again.text


def test_a_text_refused_under_its_id_goes_on_saving_itself(world):
    """Fails when the page that comes back, with an id of its own, still counts as one of the draft
    that another window changed: what is typed on it would be lost."""
    client = world.client("ivy")
    composer, sent = begun(client, world.thread)
    client.post(composer, data=sent | {"do": "auto", "body": "Begun."})
    mine = Page(client.get(composer)).form(composer).fields()
    client.post(composer, data=mine | {"do": "auto", "body": "Elsewhere.", "tab": "another"})

    refused = client.post(composer, data=mine | {"do": "save", "body": "Mine."})
    action = Page(refused).one("form", cls="composer")["action"]
    again = Page(refused).form(action).fields() | {"do": "auto", "body": "Mine, and more."}

    assert action != composer
    assert client.post(action, data=again).status_code == 200
    assert kept(world, "ivy") == 2


def test_drafts_service_refuses_a_withdrawn_post(world):
    """Fails when only the view checks whether the post is withdrawn."""
    post = world.reply("ray", "In the open", AuthorMode.OWN_NAME)
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            posts.withdraw(standing, row_of(Reply, post))
        with pytest.raises(posts.InvalidInput), unit_of_work():
            drafts.save(standing, post, drafts.ReplyWords("Again"), None, amends=True)
