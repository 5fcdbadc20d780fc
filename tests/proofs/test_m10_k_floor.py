"""M10. Nobody begins behind a mask where fewer than six could be behind it."""

import pytest

from forum.circles.services import leave
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden
from forum.policy.terms import MASKS, AuthorMode
from tests.world import EVENING


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_k_floor(world, mode):
    """Fails when somebody who left still counts, or when a circle of two may hide anyone."""
    begun = world.present("ray", "Behind", "Told", mode)
    world.reply("fay", "Me too", mode)
    world.moment = EVENING
    with world.app.app_context(), unit_of_work():
        for who in ("joe", "kit"):
            leave(world.ids[who], world.ids["rose"])

    for refused in (
        lambda: world.reply("ivy", "Me too", mode),
        lambda: world.present("mo", "Behind", "Told", mode),
        lambda: world.present("gus", "Behind", "Told", mode, circle="oak"),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert world.reply("ray", "It is mine", mode, thread_id=begun)  # who began there goes on
    if mode is AuthorMode.THREAD_PSEUDONYM:
        assert world.reply("fay", "Still me", mode)
