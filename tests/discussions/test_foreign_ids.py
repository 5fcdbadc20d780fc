"""Ids of another circle's posts, in queries that are given ids: they find nothing."""

import pytest

from forum.discussions import listings, thread_queries


@pytest.fixture
def ids(world):
    """Ids of a thread and a reply: in Rose, and next door."""
    oak = world.present("gus", "Under the oak", "Of another circle.", circle="oak")
    return {"rose": (world.ids["thread"], world.reply("ray", "In Rose.")), "oak": (oak, None)}


@pytest.mark.parametrize("query", [thread_queries.heads, listings.listings])
def test_threads_are_found_in_the_circles_asked_for_alone(world, ids, query):
    """Fails when ids are looked for in every circle."""
    both = [ids["rose"][0], ids["oak"][0]]
    with world.app.app_context():
        for who, circle, other in (("mo", "rose", "oak"), ("gus", "oak", "rose")):
            found = query([world.standing(who, circle)], both)
            assert [*found] == [ids[circle][0]], other


def test_answers_are_found_in_the_circles_asked_for_alone(world, ids):
    thread_id, reply_id = ids["rose"]
    with world.app.app_context():
        [[found]] = [listings.answers([world.standing("mo")], [reply_id.hex]).values()]
        foreign = listings.answers([world.standing("gus", "oak")], [reply_id.hex])

    assert (found.id, found.thread_id) == (reply_id, thread_id)
    assert foreign == {}
