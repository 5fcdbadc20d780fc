"""M12. A page asks the database the same for whoever wrote what is on it, and for all others."""

import re

import pytest

from forum.core.db import db
from forum.policy.terms import AuthorMode
from tests.world import EVENING, transactions_of

pytestmark = pytest.mark.leaks


def test_same_work(world, figure):
    """Fails when a post is asked for again because it is one's own."""

    def queries_for(who):
        client = world.client(who)
        with transactions_of(engine) as transactions:
            client.get(world.thread)
        alike = re.compile(r"IN \([?, ]+\)")
        return [alike.sub("IN (…)", one) for each in transactions for one in each]

    with world.app.app_context():
        engine = db.engine
    world.reply("ray", "The first")
    one = queries_for("ivy")
    for number in range(49):
        world.reply("ray", f"Number {number}", AuthorMode.CIRCLE_VOICE)
    world.moment = EVENING

    assert queries_for("mo") == queries_for("ray") == one
    assert len(one) <= 11  # the reader's own mark included, of the first visit
    assert len(queries_for("mo")) <= 9
    figure(f"{len(one)} statements for one post or fifty, one's own or not")
