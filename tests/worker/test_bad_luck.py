"""A clock that ran ahead, and a damaged row, stop the work on nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from forum import worker
from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.discussions import post_queries, posts
from forum.discussions.models import Thread
from forum.mail.queries import is_on
from forum.moderation import services
from forum.notifications import digests
from forum.operations import rotation
from forum.policy.terms import AuthorMode, FlagReason
from tests.discussions import retained

HIDDEN = AuthorMode.THREAD_PSEUDONYM
HALF_A_DAY = timedelta(hours=12)


def run(world):
    with world.app.app_context():
        worker.run_due_jobs()


def withdraw(world, who, post_id, circle="rose"):
    with world.app.app_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            posts.withdraw(standing, post_queries.any_post(standing, post_id))


def jump_ahead(world):
    """The machine's clock is 200 days ahead for a minute, and is set right."""
    run(world)
    right = world.moment
    world.moment += timedelta(days=200)
    run(world)
    world.moment = right + timedelta(minutes=2)
    run(world)


def test_a_hidden_withdrawal_is_erased_after_the_clock_was_ahead(world):
    told = world.present("ray", "Hidden", "A text that goes.", HIDDEN)
    world.moment += HALF_A_DAY
    jump_ahead(world)
    withdraw(world, "ray", told)

    for _ in range(3):
        world.moment += HALF_A_DAY
        run(world)

    with world.app.app_context():
        assert db.session.get(Thread, told).body == ""


def test_a_hidden_post_is_found_after_the_clock_was_ahead(world):
    jump_ahead(world)
    world.reply("ray", "A kestrel over the road", HIDDEN)
    assert "<mark>" not in world.client("mo").search("kestrel").text

    world.moment += 2 * HALF_A_DAY
    run(world)

    assert "<mark>kestrel</mark>" in world.client("mo").search("kestrel").text


def test_digests_go_on_after_the_clock_was_ahead(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    jump_ahead(world)
    with world.app.app_context():
        assert is_on()
    world.present("pru", "New", "Something new to read.")

    made = 0
    for _ in range(72):
        world.moment = world.moment.replace(minute=0) + timedelta(hours=1)
        with world.app.app_context():
            made += digests.run()

    assert made


def test_a_damaged_row_stops_no_other_circle(world):
    other = world.present("nan", "Second", "A text that goes.", circle="oak")
    withdraw(world, "nan", other, "oak")
    table = Thread.__table__
    damaged = update(table).where(table.c.id == world.ids["thread"])
    with world.app.app_context(), unit_of_work():
        db.session.execute(damaged.values(renderer=0, body=b"x" * 300))

    for _ in range(12):
        world.moment += timedelta(minutes=10)
        run(world)

    with world.app.app_context():
        thread = db.session.get(Thread, other)
        assert (thread.undo_window, thread.body) == (None, "")


def test_a_failing_part_is_logged_without_its_words(world, caplog):
    with world.app.app_context(), fence("a job"):
        raise ValueError("words of a post")

    assert "a job: one part failed with ValueError" in caplog.text
    assert "words of a post" not in caplog.text


@pytest.mark.parametrize("trouble", [Busy(), OperationalError("", {}, Exception("disk"))])
def test_trouble_of_the_database_stops_every_part(world, trouble):
    """Fails when a job goes on, part by part, while nothing can be written."""
    with world.app.app_context(), pytest.raises(type(trouble)), fence("a job"):
        raise trouble


def test_a_notice_of_erasure_survives_a_change_of_mind(world):
    """Fails when a story goes although home and circle do not say so."""
    retained.choose(world, 3)
    retained.pass_days(world, 80)
    assert retained.ending(world)[0] is not None
    retained.choose(world, None)
    retained.choose(world, 3)

    retained.pass_days(world, 1)

    assert "A story goes" in world.client("ray").get("/").text


def test_a_flag_raised_again_still_counts_as_the_one_that_hid(world):
    one, two = world.reply("pru", "One thing."), world.reply("pru", "Another thing.")

    def flags(post_id):
        with world.app.test_request_context():
            ray = world.standing("ray")
            with unit_of_work():
                post = post_queries.post(ray, post_id)
                return services.raise_flag(ray, post, FlagReason.PATIENT, "")

    assert flags(one)
    with world.app.test_request_context():
        mo = world.standing("mo")
        with unit_of_work():
            services.show_again(mo, post_queries.post(mo, one))
    world.moment += timedelta(hours=1)

    assert not flags(one)
    assert not flags(two)


def test_keys_are_rotated_past_a_damaged_value(world):
    """Fails when a rotation can never be finished, and nothing is served meanwhile."""
    table = Thread.__table__
    damaged = update(table).where(table.c.id == world.ids["thread"]).values(title=b"x" * 300)
    with world.app.app_context(), unit_of_work():
        db.session.execute(damaged)
    steps = []
    world.restart()

    with world.app.app_context():
        rotation.rotate(lambda name, done, _all: steps.append((name, done)))

    assert ("Damaged values, left as they are", 1) in steps
    world.restart()
    world.cookies.clear()
    assert world.client("ray").get("/account").status_code == 200


def test_a_circle_that_everybody_left_closes(world):
    with world.app.app_context():
        for who in ("nan", "gus"):
            with unit_of_work():
                leave(world.ids[who], world.ids["oak"])
    for days in (8, 1, 31, 1):
        world.moment += timedelta(days=days)
        run(world)

    with world.app.app_context():
        assert not key_ring().keeps(world.ids["oak"])


def test_a_circle_that_all_but_one_left_goes_on(world):
    """Fails when the last leaver's end closes the circle for whoever stays."""
    with world.app.app_context(), unit_of_work():
        leave(world.ids["gus"], world.ids["oak"])
    for days in (8, 1, 31, 1):
        world.moment += timedelta(days=days)
        run(world)

    with world.app.app_context():
        assert key_ring().keeps(world.ids["oak"])
        assert db.session.get_one(Circle, world.ids["oak"]).closes_on is None
