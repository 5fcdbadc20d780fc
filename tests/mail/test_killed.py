"""A worker killed at any step of a send: the email arrives once, or is flagged."""

from datetime import timedelta

from forum.core.db import db, unit_of_work
from forum.mail import outbox
from forum.mail.models import OutgoingMail, State
from tests.killing import killed
from tests.postoffice import PostOffice
from tests.world import World

MOST = 60  # steps of one send, at most


def sent(world):
    with world.app.app_context():
        outbox.send_due()


def test_a_killed_send_delivers_once_or_flags(tmp_path):
    """Without the state SENDING, a kill after the hand-over would send the email twice."""
    flagged = []
    world = World(tmp_path)
    with PostOffice() as office:
        office.serves(world)
        for step in range(1, MOST):
            office.envelopes.clear()
            with world.app.app_context(), unit_of_work():
                outbox.queue("ray@example.org", "A link for you", "Here it is.")
            came_so_far = killed(world, lambda: sent(world), step)

            world.moment += outbox.LOST_AFTER + timedelta(minutes=1)
            with world.app.app_context():
                outbox.send_due()
                outbox.send_due()
                unsure = [row.id for row in db.session.query(OutgoingMail)]
                assert all(row.state is State.UNSURE for row in db.session.query(OutgoingMail))
                with unit_of_work():
                    for email_id in unsure:
                        outbox.forget(email_id)

            assert len(office.letters) <= 1
            assert len(office.letters) == 1 or len(unsure) == 1
            flagged.append(bool(unsure))
            if not came_so_far:
                break

    assert not came_so_far, "the send has more steps than were tried"
    assert True in flagged
    assert flagged[0] is flagged[-1] is False
