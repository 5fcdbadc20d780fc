import pytest

from forum.policy.terms import AuthorMode
from tests.search.searching import withdraw
from tests.world import EVENING


def like(world, who, thread_id, circle="rose"):
    return world.client(who).get(f"/search/like/{world.ids[circle]}/{thread_id}")


@pytest.fixture
def falcons(world):
    world.present("ray", "Lithium", "A lithium level that nobody looked at, and tremor.")
    world.present("fay", "Nothing of it", "Holidays by the sea, and a dog.")
    return world.present("mo", "A lithium level", "The tremor came first, then the level.")


def test_threads_that_say_something_of_the_same_are_shown(world, falcons):
    page = like(world, "pru", falcons)

    assert page.status_code == 200
    assert page.text.count('<li class="hit">') == 1
    assert "that nobody looked at" in page.text
    assert "Holidays" not in page.text


def test_a_thread_is_named_once_and_never_like_itself(world, falcons):
    for number in range(3):
        world.reply("ray", f"Lithium and tremor, the level {number}")
        world.reply("fay", f"Lithium again, level {number}", thread_id=falcons)

    page = like(world, "pru", falcons).text

    assert page.count('<li class="hit">') == 2


def test_nothing_like_it_is_said(world):
    assert "No similar threads" in like(world, "pru", world.ids["thread"]).text


@pytest.mark.leaks
def test_likeness_never_crosses_circles_nor_shows_what_went_or_waits(world, falcons):
    world.present("nan", "Lithium", "A lithium level next door, and tremor.", circle="oak")
    gone = world.reply("ray", "Lithium level and tremor, taken back")
    world.present("ray", "Lithium", "A lithium level in waiting", AuthorMode.CIRCLE_VOICE)
    withdraw(world, "ray", gone)

    page = like(world, "pru", falcons).text

    assert "next door" not in page
    assert "taken back" not in page
    assert "in waiting" not in page
    world.moment = EVENING
    assert "in waiting" in like(world, "pru", falcons).text


def test_a_thread_next_door_is_not_found(world, falcons):
    assert like(world, "nan", falcons).status_code == 404
    assert like(world, "nan", falcons, "oak").status_code == 404


def test_the_thread_leads_there(world, falcons):
    assert (
        f"/search/like/{world.ids['rose']}/{world.ids['thread']}"
        in world.client("mo").get(world.thread).text
    )
