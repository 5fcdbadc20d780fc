"""The thread that a circle shows first."""

from threading import Thread as Line

import pytest

from forum.circles.models import Circle, Membership
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden, NotFound
from forum.discussions.pinning import pin
from forum.policy.terms import Role


def pinned(world):
    with world.app.app_context():
        return db.session.get_one(Circle, world.ids["rose"]).pinned_thread_id


def press(world, who, thread_id, **more):
    with world.app.app_context():
        standing = world.standing(who)
        with unit_of_work():
            pin(standing, thread_id, **more)


def test_a_moderator_pins_and_unpins_a_thread(world):
    press(world, "mo", world.ids["thread"])
    assert pinned(world) == world.ids["thread"]
    press(world, "mo", world.ids["thread"])
    assert "A moderator pinned a thread started by Dr Pru." in log(world)
    assert log(world).count("pinned a thread") == 1

    press(world, "mo", None)
    assert pinned(world) is None
    assert "A moderator unpinned a thread started by Dr Pru." in log(world)


def log(world):
    return world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text


@pytest.mark.parametrize("who", ["ray", "fay"])
def test_others_pin_nothing(world, who):
    with pytest.raises(Forbidden):
        press(world, who, world.ids["thread"])


def test_a_thread_of_another_circle_cannot_be_pinned(world):
    other = world.present("nan", "Next door", "It rained.", circle="oak")

    with pytest.raises(NotFound):
        press(world, "mo", other)


def test_unpinning_leaves_what_was_pinned_meanwhile(world):
    other = world.present("ray", "Start here", "How we do things.")
    press(world, "mo", other)

    press(world, "mo", None, instead_of=world.ids["thread"])
    assert pinned(world) == other
    press(world, "mo", None, instead_of=other)
    assert pinned(world) is None


def test_two_moderators_pinning_at_once_leave_one_thread(world):
    other = world.present("ray", "Start here", "How we do things.")
    with world.app.app_context(), unit_of_work():
        mine = {"member_id": world.ids["ivy"], "circle_id": world.ids["rose"]}
        db.session.query(Membership).filter_by(**mine).one().role = Role.MODERATOR
    both = {"mo": other, "ivy": world.ids["thread"]}
    failed = []

    def pressed(who):
        try:
            press(world, who, both[who])
        except Exception as error:
            failed.append(error)

    lines = [Line(target=pressed, args=(who,)) for who in both]
    for line in lines:
        line.start()
    for line in lines:
        line.join()

    assert failed == []
    assert pinned(world) in both.values()
    assert log(world).count("pinned a thread") == 2
