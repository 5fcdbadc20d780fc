"""Nothing of one circle can be told from a search in another."""

import random
from os import environ

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions import thread_queries
from forum.search.engine.storage import SealedStorage
from forum.search.queries import like, ranked, search
from forum.search.query_parser import parse
from tests.search.searching import found
from tests.world import World

QUERIES = ("kestrel", "kestrel lithium", '"a hard"', "morning -kestrel", "two kestrels")

WORDS = ("kestrel", "kestrals", "lithium", "lithum", "AF", "morning", "metformin", "heron")
FOREIGN = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), max_size=4)
EXAMPLES = 60 if environ.get("PROOF") else 8


def ranking(world, who, words, sort, *circles):
    with world.app.app_context():
        standings = [world.standing(who, name) for name in circles]
        listed = ranked(standings, parse(words), sort)
        return [(one.id, one.score, one.hour) for one in listed.found], listed.weights


@pytest.mark.leaks
@pytest.mark.parametrize("sort", ["best", "newest"])
def test_what_is_said_next_door_changes_no_score_and_no_order(tmp_path, sort):
    worlds = [World(tmp_path / name) for name in ("quiet", "loud")]
    for number in range(5):
        worlds[1].present(
            "nan", f"Kestrel {number}", "A kestrel, a lithium level, a morning.", circle="oak"
        )
    for world in worlds:
        world.chance.seed(11)
        world.reply("ray", "A kestrel over the road")
        world.reply("fay", "Lithium and a kestrel")
    found(worlds[1], "nan", "kestrel", "oak")

    for words in QUERIES:
        quiet, loud = (ranking(world, "mo", words, sort, "rose") for world in worlds)
        assert quiet[0] == loud[0]
        assert [*quiet[1].values()] == [*loud[1].values()]


@pytest.mark.leaks
def test_a_reader_of_both_sees_each_circles_posts_scored_as_a_reader_of_one_does(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    for number in range(5):
        world.present("nan", "Ours", f"A kestrel next door, number {number}", circle="oak")
    world.reply("ray", "A kestrel over the road")

    both = dict(
        (one, score) for one, score, _ in ranking(world, "ray", "kestrel", "best", "rose", "oak")[0]
    )
    rose = dict(
        (one, score) for one, score, _ in ranking(world, "mo", "kestrel", "best", "rose")[0]
    )
    oak = dict((one, score) for one, score, _ in ranking(world, "nan", "kestrel", "best", "oak")[0])

    assert both == rose | oak
    assert len(both) == 6


def test_a_large_circle_does_not_drown_a_small_one(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    for number in range(40):
        world.present("nan", "Ours", f"Nothing of it, number {number}", circle="oak")
    world.present("nan", "Ours", "A kestrel and much that has little to do with it", circle="oak")
    world.reply("ray", "Lithium, and a kestrel")

    first = found(world, "ray", "kestrel lithium", "rose", "oak")[0]

    assert first == "Lithium, and a kestrel"


@pytest.mark.leaks
def test_no_result_count_help_likeness_or_work_depends_on_what_is_said_next_door(
    world, monkeypatch
):
    world.reply("ray", "A kestrel over the road, and metformin")
    thread_id = world.present("fay", "Lithium", "A kestrel and a lithium level, in the morning")
    read = []
    opened = SealedStorage.read
    monkeypatch.setattr(
        SealedStorage, "read", lambda storage, name: read.append(name) or opened(storage, name)
    )

    def seen():
        """All that a member of Rose gets to see, and how much work it was."""
        return [_seen(world, word, read) for word in (*WORDS, "kestrel -lithium", "is:unread")], [
            hit.snippet for hit in _like(world, thread_id)
        ]

    seen()  # with the indexes open from here on
    alone = seen()

    @given(FOREIGN)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def whatever_they_say(foreign):
        random.seed()  # hypothesis stills it, and Whoosh would name two segments alike
        for texts in foreign:
            world.present("nan", texts[0], " ".join(texts), circle="oak")
        found(world, "nan", "kestrel lithium", "oak")
        assert seen() == alone

    whatever_they_say()


def _seen(world, words, read):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    with world.app.app_context():
        read.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        page = search([world.standing("mo")], words)
        event.remove(db.engine, "before_cursor_execute", note)
        hits = [(hit.post.id, hit.title, hit.snippet, hit.whole) for hit in page.hits]
        many = [(home.name, number) for home, number in page.many]
        return hits, many, page.years, page.corrections, page.more, page.behind, statements, [*read]


def _like(world, thread_id):
    with world.app.app_context():
        standing = world.standing("mo")
        return like(standing, thread_queries.thread(standing, thread_id))
