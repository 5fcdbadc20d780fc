"""A worker's run at a given moment, and the emails which arrived."""

from forum.core.db import unit_of_work
from forum.mail import outbox as mail
from forum.notifications import digests, services
from forum.notifications.email_preferences import EmailPreferences


def ring(world):
    """Plan, prepare and send, as the worker does each minute."""
    make_ready(world)
    with world.app.app_context():
        return mail.send_due(digests.leaves_at)


def make_ready(world):
    """Prepare all due emails."""
    with world.app.app_context():
        digests.begin_all()
        digests.run()


def save_preferences(world, who, **preferences):
    """Store a member's email preferences."""
    with world.app.app_context(), unit_of_work():
        services.save_preferences(world.ids[who], EmailPreferences(**preferences))


def arrived(world, office):
    """Recipients since the last call, by the cast's names."""
    to = [envelope.rcpt_tos[0].removesuffix("@example.org") for envelope in office.envelopes]
    office.envelopes.clear()
    return sorted(to)
