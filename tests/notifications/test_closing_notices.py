"""That a circle closes is on every member's home, and counts as something new by email."""

from datetime import timedelta

import pytest

from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from tests.circles.test_closing import second_moderator
from tests.notifications.post import arrived, ring
from tests.page import Page
from tests.postoffice import PostOffice

DAY = timedelta(days=1)
ROSE = ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]


def close(world):
    second_moderator(world)
    for who in ("mo", "fay"):
        world.client(who).submit(f"/circles/{world.ids['rose']}/closing")


def test_home_says_that_a_circle_closes(world):
    close(world)

    first = Page(world.client("ray").get("/")).one("section", cls="sheet").all("li")[0]

    assert "Rose closes on 1\u00a0April" in first.raw
    assert "download your posts" in first.text
    assert "closes on" not in Page(world.client("nan").get("/")).text


def test_members_hear_of_it_twice_by_email(world):
    """Fails when a circle is deleted and nobody who follows by email was told."""
    world.reply("ray", "So nobody waits for an answer.")
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        close(world)
        for who in (*ROSE, "nan", "gus"):
            world.client(who).get(world.thread)
        ring(world)
        office.envelopes.clear()
        told = {}
        for _ in range(29):
            world.moment = (world.moment + DAY).replace(hour=7, minute=45)
            ring(world)
            assert all("clos" not in str(email) for email in office.letters)
            if to := arrived(world, office):
                told[world.moment.date().isoformat()] = to

    assert list(told.values()) == [ROSE, ROSE]
    assert [day[5:] for day in told] == ["03-03", "03-25"]


@pytest.mark.parametrize("zone", ["America/Vancouver", "Pacific/Auckland"])
def test_a_notice_between_two_digests_is_told_in_any_time_zone(world, zone):
    """Fails when the circle's day, begun in the evening of another, is taken for one of UTC."""
    world.reply("ray", "So nobody waits for an answer.")
    second_moderator(world)
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).timezone = zone
    told = []
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        for _ in range(3):  # a digest is made each day, and the last right before the vote
            world.moment = (world.moment + DAY).replace(hour=7, minute=16)
            world.reply("kit", "A word.")
            ring(world)
        for who in ROSE:
            world.client(who).get(world.thread)
        office.envelopes.clear()
        world.moment += timedelta(minutes=14)
        for who in ("mo", "fay"):
            world.client(who).submit(f"/circles/{world.ids['rose']}/closing")
        for _ in range(29):
            world.moment = (world.moment + DAY).replace(hour=7, minute=45)
            ring(world)
            told += [to] if (to := arrived(world, office)) else []

    assert told == [ROSE, ROSE]
