"""A clock that ran ahead, and a damaged row, stop the work on nothing else."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from forum import worker
from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core import last_runs, maintenance
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.discussions import drafts, post_queries, posts
from forum.discussions.models import Draft, Thread
from forum.mail import outbox
from forum.mail.models import OutgoingMail, State
from forum.mail.queries import is_on
from forum.moderation import services
from forum.notifications import digests
from forum.operations import rotation
from forum.policy.terms import AuthorMode, FlagReason
from tests.discussions import retained
from tests.notifications.post import arrived
from tests.postoffice import PostOffice
from tests.rows import row_of

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
        assert row_of(Thread, told).body == ""


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


def test_news_is_told_though_a_digest_was_sent_while_the_clock_was_ahead(world):
    """Fails when the last digest, told on a day to come, keeps all others back until then."""
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        run(world)
        right = world.moment
        world.moment += timedelta(days=200)
        world.present("pru", "Early", "Told under a wrong clock.")
        for _ in range(48):
            world.moment += HALF_A_DAY / 12
            run(world)
        assert "ray" in arrived(world, office)
        world.moment = right
        world.present("pru", "New", "Something new to read.")
        for _ in range(72):
            world.moment = world.moment.replace(minute=0) + timedelta(hours=1)
            run(world)

        assert "ray" in arrived(world, office)


def test_an_email_lost_while_the_clock_was_ahead_is_flagged(world):
    """Fails when it counts as being sent until the day on which it was taken."""
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    with world.app.app_context():
        with unit_of_work():
            outbox.queue("ray@example.org", "A link for you", "Here it is.")
            email = db.session.query(OutgoingMail).one()
            email.state, email.taken_at = State.SENDING, world.moment + timedelta(days=200)
        outbox.send_due()

        assert db.session.query(OutgoingMail).one().state is State.UNSURE


def test_weekly_work_is_due_again_after_the_clock_was_ahead(world):
    """Fails when a night to come counts as this week's, so that no week is due until then."""
    begins = time.fromisoformat(world.app.config["MAINTENANCE_AT"])
    world.moment = datetime.combine(world.moment.date(), begins, UTC)
    with world.app.app_context():
        maintenance.note_week(world.moment.date() + timedelta(days=200))

        assert maintenance.night_of_week() == world.moment.date()


def test_a_run_noted_while_the_clock_was_ahead_is_none(world):
    """Fails when a dead worker, or copies that are made no more, pass for sound until then."""
    right = world.moment
    world.moment += timedelta(days=200)
    with world.app.app_context():
        last_runs.note_run()
        last_runs.note_copies(["database"])
        world.moment = right

        assert not last_runs.is_recent()
        assert last_runs.since_copy("database") is None


def test_a_draft_saved_while_the_clock_was_ahead_has_its_days_again_once_saved(world):
    """Fails when a later day stays, whatever it comes from, and the text with it."""
    ray, right = world.client("ray"), world.moment
    composer = ray.get(f"{world.thread}/answer").location
    for days in (20, 0):
        world.moment = right + timedelta(days=days)
        ray = world.client("ray")
        ray.post(composer, data=ray.tokens(composer) | {"body": f"{days} days", "do": "save"})

    with world.app.app_context():
        assert db.session.query(Draft).one().kept_until == right.date() + drafts.KEPT


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
        thread = row_of(Thread, other)
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

    assert flags(one) is services.Raised.HIDES
    with world.app.test_request_context():
        mo = world.standing("mo")
        with unit_of_work():
            services.show_again(mo, post_queries.post(mo, one))
    world.moment += timedelta(hours=1)

    assert [flags(one), flags(two)] == [services.Raised.WAITS] * 2


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
