"""A worker killed at any step of a digest run loses and doubles no email."""

from datetime import timedelta

from forum.core.db import db, unit_of_work
from forum.mail import outbox as mail
from forum.mail.models import OutgoingMail, State
from tests.killing import killed
from tests.notifications.post import arrived, ring
from tests.postoffice import PostOffice
from tests.world import MORNING, World

FEW = ("mo", "ray", "pru", "fay", "ivy", "joe")  # members with news
MOST = 400  # steps of a run, at most


def test_killed_worker_neither_loses_nor_doubles_a_digest(tmp_path):
    """Fails when preparing the email and changing the plan are separate transactions."""
    flags, step, days = 0, 1, 0
    with PostOffice() as office:
        world = World(tmp_path)
        office.serves(world)
        ring(world)
        while step < MOST:
            days += 1
            world.reply("ray", f"Reply {days}")
            world.moment = MORNING.replace(hour=7, minute=15) + timedelta(days=days)
            came_so_far = killed(world, lambda: ring(world), step)
            world.moment += mail.LOST_AFTER + timedelta(minutes=1)
            ring(world)
            came = [who for who in arrived(world, office) if who in FEW]
            with world.app.app_context():
                unsure = db.session.query(OutgoingMail).filter_by(state=State.UNSURE).all()
                assert db.session.query(OutgoingMail).count() == len(unsure) <= 1
                with unit_of_work():
                    for email in unsure:
                        mail.forget(email.id)

            assert len(came) == len(set(came)), step
            assert len(FEW) - len(came) <= len(unsure), step
            flags += len(unsure)
            if not came_so_far:
                break
            step += 1 if step < 40 else 5

    assert not came_so_far, "the run has more steps than were tried"
    assert flags > 0
