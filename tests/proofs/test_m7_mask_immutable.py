"""M7. Once a post is saved, nothing changes whether it hides its author, and behind which name.

One exception, which changes neither post nor name: a hidden presenter may have a line say which
everyday name was theirs, in that thread alone, asked twice (tests/discussions/test_reveal.py).
"""

import os
from itertools import product

import pytest
from sqlalchemy import select

from forum.authors.models import Author
from forum.core.db import db
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode
from tests.circles import ways
from tests.routes import parts_of, routes_of
from tests.world import EVENING

FULL = bool(os.environ.get("PROOF"))
CASES = list(
    product((AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME), ("after", "before its slot"))
)
ALSO = {"mode", "author_mode", "author_id", "holder_key", "name_digest", "scope_id", "appears_at"}

WORDS = {"body": "Other words", "title": "Another title", "field_story": "Told otherwise"}


def hiding(world):
    """Of each post and name: which name it stands under, and what that is to its scope."""
    with world.app.app_context():
        posts = {
            post.id: (post.author_id, post.appears_at)
            for kind in (Thread, Reply)
            for post in db.session.scalars(select(kind))
        }
        names = {
            each.id: (each.mode, each.name, each.scope_id, each.holder_key)
            for each in db.session.scalars(select(Author))
        }
    return posts, names


@pytest.mark.parametrize(("mode", "when"), CASES if FULL else CASES[:1])
def test_mask_immutable(world, mode, when, figure):
    """Fails when a change of a post takes its author mode from what was sent."""
    other = {AuthorMode.OWN_NAME: AuthorMode.THREAD_PSEUDONYM}.get(mode, AuthorMode.OWN_NAME)
    post_id = world.reply("ray", "Mine", mode)
    told = world.present("ray", "Mine", "Told", mode)
    parts = parts_of(world) | {"post_id": post_id, "thread_id": told, "draft_id": post_id}
    world.moment = EVENING if when == "after" else world.moment
    before_posts, before_names = hiding(world)
    tried = 0

    for who in ("ray", "mo") if FULL else ("ray",):
        client = world.client(who)
        for endpoint, method, url in routes_of(world, parts, who):
            if method == "POST" and endpoint not in {
                "accounts.sign_out",
                "offboarding.delete_account",
            }:
                page = client.get(url)
                form = ways.hidden(page.text) if "<form" in page.text else {}
                for more in (WORDS, WORDS | {"do": str(other)}):
                    fields = dict.fromkeys(ALSO, str(other)) | form | more
                    client.post(url, data=client.tokens("/account") | fields)
                    tried += 1

    figure(f"{tried} forms sent with another name")
    after_posts, after_names = hiding(world)
    kept = before_posts.keys() & after_posts.keys()
    assert kept >= {told, world.ids["thread"]} or when != "after"
    assert {one: after_posts[one] for one in kept} == {one: before_posts[one] for one in kept}
    names = before_names.keys() & after_names.keys()
    masked = {one for one in names if before_names[one][0].masked}
    assert all(after_names[one] == before_names[one] for one in masked)
    assert all(after_names[one][0] is before_names[one][0] for one in names)
