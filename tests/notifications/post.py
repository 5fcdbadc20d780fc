"""What the worker would do about letters, at a moment, and what arrived."""

from forum.core.db import unit_of_work
from forum.mail import outbox as mail
from forum.notifications import digests, services
from forum.notifications.email_preferences import Wishes


def ring(world):
    """Plan, make ready and send, as the worker does each minute."""
    make_ready(world)
    with world.app.app_context():
        return mail.send_due(digests.leaves_at)


def make_ready(world):
    """Have every letter that is due wait to be sent."""
    with world.app.app_context():
        digests.begin_all()
        digests.run()


def wish(world, who, **wishes):
    """Have somebody's letters be so from now on."""
    with world.app.app_context(), unit_of_work():
        services.wish(world.ids[who], Wishes(**wishes))


def arrived(world, office):
    """To whom letters went since this was last asked, by the names of the cast."""
    to = [envelope.rcpt_tos[0].removesuffix("@example.org") for envelope in office.envelopes]
    office.envelopes.clear()
    return sorted(to)
