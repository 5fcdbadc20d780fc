"""Nothing of one circle can be told from a search in another."""

import pytest

from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import unit_of_work
from forum.search.asked import understood
from forum.search.queries import ranked
from tests.search.looking import found
from tests.world import World

QUERIES = ("kestrel", "kestrel lithium", '"a hard"', "morning -kestrel", "two kestrels")


def ranking(world, who, words, sort, *circles):
    with world.app.app_context():
        doors = [world.standing(who, name) for name in circles]
        listed = ranked(doors, understood(words), sort)
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
