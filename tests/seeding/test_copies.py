"""Invented circles copied in bulk: whole circles under new keys, in which members can write."""

from collections import Counter

import pytest
from sqlalchemy import select

from forum.circles.models import Circle, Membership
from forum.circles.queries import enter, people
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.discussions import post_queries, posts, thread_queries
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Reply, Thread
from forum.operations.checks import of_installation
from forum.policy.terms import AuthorMode
from tests.seeding.test_seed import installed, seed

SIZES = ("--circles=2", "--members=16", "--threads=12", "--replies=50")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An installation with two circles, each copied twice."""
    with installed(tmp_path_factory.mktemp("copies") / "instance") as app:
        seed(app, *SIZES, "--copies=2")
        yield app


def test_each_circle_is_there_three_times(app):
    circles = db.session.scalars(select(Circle)).all()
    threads, replies = (
        Counter(each.circle_id for each in db.session.scalars(select(kind)))
        for kind in (Thread, Reply)
    )

    names = Counter(each.name.partition(" (")[0] for each in circles)
    assert set(names.values()) == {3}
    for name in names:
        like = [each.id for each in circles if each.name.partition(" (")[0] == name]
        assert len({threads[each] for each in like}) == len({replies[each] for each in like}) == 1
    assert sum(replies.values()) == 150
    assert len({key_ring().circle(each.id) for each in circles}) == 6


def copied():
    """A copy's circle, and the standing there of somebody who wrote under an everyday name."""
    circles = db.session.scalars(select(Circle)).all()
    home = next(each for each in circles if each.name.endswith(" (2)"))
    for place in db.session.scalars(select(Membership).filter_by(circle_id=home.id)):
        standing = enter(place.member_id, home.id)
        if post_queries.own(standing):
            return home, standing
    raise LookupError("nobody wrote")


def test_texts_of_a_copy_are_read_and_its_members_write(app):
    """Fails when a value cannot be opened, or nobody holds an everyday name of a copy."""
    home, standing = copied()
    thread = next(iter(db.session.scalars(select(Thread).filter_by(circle_id=home.id))))
    assert thread.title
    assert len(people(standing)) == 8
    own = [each for each in post_queries.own(standing).values()]
    modes = {each.author.mode for each in own}
    [mode] = modes
    assert mode in (AuthorMode.OWN_NAME, AuthorMode.PSEUDONYM)

    with unit_of_work():
        found = thread_queries.thread(standing, thread.id)
        reply = posts.reply(standing, found, new_id(), ReplyWords("I know this.", mode))

    assert reply.author_id == own[0].author_id


def test_copies_pass_the_checks_of_the_installation(app):
    bad = [each.said for each in of_installation() if not each.is_well]

    assert not [said for said in bad if "cannot be read" in said or "log" in said.split()], bad
