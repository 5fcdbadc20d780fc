"""M4. Who wrote behind a mask cannot be guessed from order, time or neighbouring rows.

A thief has the database and knows, besides, which named author row is whose. For each masked post
of a month they guess by the neighbours that it has: in time, by id, by author row, in its thread.
"""

import os
from collections import Counter, defaultdict
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from forum.authors.models import Author
from forum.core.db import db
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.world import MORNING

MEMBERS = ("pru", "ray", "fay", "mo", "ivy", "joe")
DAYS = 300 if os.environ.get("PROOF") else 30
MASKED = 0.4  # of what is written


def a_month(world):
    """Members write at their own times, by name or masked; gives who wrote each masked post."""
    chance, truth = Random(4), {}
    threads, began = [world.ids["thread"]], {world.ids["thread"]: "pru"}
    for day in range(DAYS):
        if day % 10 == 9:
            presenter = chance.choice(MEMBERS)
            threads.append(world.present(presenter, f"Day {day}", "Told."))
            began[threads[-1]] = presenter
        moments = sorted(chance.random() * 24 for _ in range(chance.randint(3, 9)))
        for hour in moments:
            thread_id = chance.choice(threads[-2:])
            world.moment = MORNING.replace(hour=0) + timedelta(days=day + 1, hours=hour)
            who = chance.choice([each for each in MEMBERS if each != began[thread_id]])
            masked = chance.random() < MASKED
            mode = AuthorMode.CIRCLE_VOICE if masked else AuthorMode.OWN_NAME
            post = world.reply(who, "Said.", mode, thread_id=thread_id)
            if masked:
                truth[post] = who
    return truth


def guesses(world):
    """{way of guessing: {masked post: author row that is guessed}}, from rows as they lie."""
    with world.app.app_context():
        rows = db.session.execute(
            select(Reply.id, Reply.author_id, Reply.appears_at, Reply.thread_id, Author.mode)
            .join(Author)
            .order_by(Reply.id)
        ).all()
        authors = db.session.execute(select(Author.id, Author.mode).order_by(Author.id)).all()
    named = [row for row in rows if row.mode == AuthorMode.OWN_NAME]
    masked = [row for row in rows if row.mode != AuthorMode.OWN_NAME]
    plain = [row.id for row in authors if row.mode == AuthorMode.OWN_NAME]
    found = defaultdict(dict)
    for post in masked:
        slot = timedelta(hours=12)
        window = [x for x in named if post.appears_at - slot <= x.appears_at < post.appears_at]
        if window:
            found["the last to write by name before the slot"][post.id] = max(
                window, key=lambda x: x.appears_at
            ).author_id
            most = Counter(x.author_id for x in window).most_common(1)
            found["who wrote most by name before the slot"][post.id] = most[0][0]
        before = [x for x in named if x.id < post.id]
        if before:
            found["the row before it"][post.id] = before[-1].author_id
        found["the author row next to its own"][post.id] = next(
            (each for each in plain if each > post.author_id), plain[0]
        )
        here = Counter(x.author_id for x in named if x.thread_id == post.thread_id)
        silent = min(plain, key=lambda each: here[each])
        found["who says least by name in that thread"][post.id] = silent
    return found


@pytest.mark.proof("M4")
def test_order_join_attack(world, record_property):
    """Fails when ids tell the order of writing, or when a mask appears as it is written."""
    truth = a_month(world)
    with world.app.app_context():
        rows = {who: world.standing(who) for who in MEMBERS}
        authors = db.session.scalars(select(Author).filter_by(mode=AuthorMode.OWN_NAME)).all()
        whose = {
            author.id: who
            for who, standing in rows.items()
            for author in authors
            if standing.hand.holds(author)
        }
    shares = {
        way: sum(whose.get(author) == truth[post] for post, author in guessed.items()) / len(truth)
        for way, guessed in guesses(world).items()
    }
    best = max(shares, key=shares.get)
    bound = 1 / len(MEMBERS) + 0.1

    record_property(
        "figure",
        f"{len(truth)} masked posts; the best way of {len(shares)}, “{best}”, is right in"
        f" {shares[best]:.3f}, chance is {1 / len(MEMBERS):.3f}, the bound {bound:.3f}",
    )
    assert len(truth) > 40
    assert len(shares) == 5
    assert shares[best] <= bound
