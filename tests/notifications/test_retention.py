"""A notice that a story goes counts as something new in the update email, which says no more."""

from datetime import timedelta

import pytest

from forum.circles.queries import own_place
from forum.core.db import unit_of_work
from forum.discussions.models import Thread
from forum.policy.terms import Follows
from tests.discussions.retained import choose, ending, pass_days, run
from tests.notifications.post import arrived, ring, save_preferences
from tests.postoffice import PostOffice
from tests.rows import row_of

DAY = timedelta(days=1)
ROSE = ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]


def next_morning(world):
    world.moment = (world.moment + DAY).replace(hour=7, minute=45)
    run(world)


def test_a_notice_is_told_once_and_to_its_circle_alone(world):
    world.reply("ray", "So nobody waits for an answer.")
    with PostOffice() as office:
        choose(world, 3)
        pass_days(world, 59)
        office.serves(world, SITE_URL="https://circles.example.org")
        for who in (*ROSE, "nan", "gus"):
            world.client(who).get(world.thread)
        next_morning(world)
        office.envelopes.clear()
        said = {}
        while world.moment.month < 6:
            next_morning(world)
            ring(world)
            for email in office.letters:
                assert "story" not in str(email)
            if to := arrived(world, office):
                said[world.moment.date()] = to

    [(told_on, to)] = said.items()
    assert to == ROSE
    assert (ending(world)[1] - told_on).days in (28, 29, 30)


@pytest.mark.parametrize("how", ["left out of emails", "not followed"])
def test_a_circle_left_out_or_not_followed_sends_no_notice(world, how):
    """Fails when somebody gets an email on a circle of which they want none."""
    world.reply("ray", "So nobody waits for an answer.")
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        for who in (*ROSE, "nan", "gus"):
            world.client(who).get(world.thread)
        if how == "not followed":
            with world.app.app_context(), unit_of_work():
                own_place(world.standing("ray"), world.ids["ray"]).follows = Follows.NOTHING
        else:
            save_preferences(world, "ray", without=frozenset({world.ids["rose"]}))
        choose(world, 3)
        pass_days(world, 59)
        next_morning(world)
        office.envelopes.clear()
        to = []
        for _ in range(6):
            next_morning(world)
            ring(world)
            to += arrived(world, office)

    assert sorted(to) == [who for who in ROSE if who != "ray"]
    with world.app.app_context():
        assert row_of(Thread, world.ids["thread"]).ending == "told"
