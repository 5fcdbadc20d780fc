"""A post says its language: found from its text, changed by its author, told of nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.discussions import jobs
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.world import EVENING, World

FRENCH = "J'ai eu une matinée difficile avec une patiente, et je ne sais pas quoi en faire."
ENGLISH = "I had a hard morning with a patient, and I do not know what to do with it."


def marked(world, text, who="ivy"):
    """Value of lang= around a post; None without one."""
    bodies = Page(world.client(who).get(world.thread)).all("div", cls="post-body")
    [body] = [each for each in bodies if text in each.text]
    return body.get("lang")


@pytest.mark.parametrize(("text", "tag"), [(FRENCH, "fr"), (ENGLISH, "en"), ("OK.", None)])
def test_a_reply_is_marked_with_its_language(world, text, tag):
    world.client("ray").answer(world.thread, body=text, do="own_name")

    assert marked(world, text) == tag


def test_an_opening_and_its_title_are_marked(world):
    thread = world.present("ray", "Une matinée", FRENCH)

    page = Page(world.client("ivy").get(f"/circles/{world.ids['rose']}/threads/{thread}"))

    assert page.one("h1")["lang"] == "fr"
    assert page.all("div", cls="post-body")[0]["lang"] == "fr"


def test_the_author_changes_it(world):
    reply = world.reply("ray", "Bof.")
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply)
    fields = client.tokens(url) | {"body": "Bof.", "do": "keep", "text_language": "fr"}
    version = Page(client.get(url)).one("input", name="version").value

    assert client.post(url, data=fields | {"version": version}).status_code == 303
    assert marked(world, "Bof.") == "fr"
    assert Page(client.get(url)).one("select", name="text_language").value == "fr"

    version = Page(client.get(url)).one("input", name="version").value
    client.post(url, data=fields | {"version": version, "text_language": "", "body": ENGLISH})
    assert marked(world, ENGLISH) == "en"


def test_a_choice_is_kept_in_the_draft_and_checked(world):
    client = world.client("ray")
    composer = client.get(f"{world.thread}/answer").location
    fields = client.tokens(composer) | {"body": "Bof.", "text_language": "fr"}
    client.post(composer, data=fields | {"do": "save"})

    assert Page(client.get(composer)).one("select", name="text_language").value == "fr"
    refused = client.post(composer, data=fields | {"do": "own_name", "text_language": "xx"})
    assert refused.status_code == 422


def test_a_withdrawn_post_keeps_no_language(world):
    reply = world.reply("ray", FRENCH)
    client = world.client("ray")
    client.submit(world.url("discussions.withdraw", post_id=reply))
    world.moment += timedelta(minutes=41)

    with world.app.app_context():
        jobs.settle()
        assert db.session.get(Reply, reply).language == ""
        assert db.session.scalars(select(Thread)).one().language == ""


@pytest.mark.leaks
def test_a_masked_text_has_the_same_language_whoever_writes(tmp_path):
    """Fails when the default comes from the account or its pages: a French reader's "OK." would
    be marked as French, and there may be one of them.
    """
    told = {}
    for tag in ("en-GB", "fr-CA"):
        world = World(tmp_path / tag, LANGUAGES=("en-GB", "fr-CA"))
        client = world.client("ray")
        client.set_cookie("l", tag)
        for text in ("OK.", FRENCH):
            composer = client.get(f"{world.thread}/answer").location
            fields = client.tokens(composer) | {"body": text, "do": "thread_pseudonym"}
            look = client.post(composer, data=fields).location
            version = Page(client.get(look)).one("input", name="version").value
            fields = client.tokens(look) | {"version": version}
            assert client.post(look, data=fields).status_code == 303
        with world.app.app_context():
            rows = db.session.scalars(select(Reply)).all()
            told[tag] = sorted((row.body, row.language) for row in rows)
            assert len({len(row._language) for row in rows}) == 1  # as long for none
            assert all(row.author.mode is AuthorMode.THREAD_PSEUDONYM for row in rows)
        world.moment = EVENING
        assert marked(world, "OK.") is None
        assert marked(world, FRENCH) == "fr"

    assert told["en-GB"] == told["fr-CA"] == [(FRENCH, "fr"), ("OK.", "")]
