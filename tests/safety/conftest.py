from datetime import timedelta

import pytest

from forum.policy.terms import AuthorMode
from tests.safety.people import name_guardians
from tests.world import EVENING


@pytest.fixture
def post(world):
    """A post of Ray's behind a mask, seen by all; Sol, Nan and Gus are guardians."""
    name_guardians(world, "sol", "nan", "gus")
    post_id = world.reply("ray", "Goodbye to you all", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + timedelta(minutes=1)
    return post_id
