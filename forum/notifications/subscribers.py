"""Reactions to events: moderators hear at once that somebody asks for them; a digest follows its
member's clock."""

from flask_babel import gettext as _

from forum.accounts.events import ZoneChanged
from forum.circles.queries import moderator_accounts
from forum.core.db import unit_of_work
from forum.core.events import Listeners, on
from forum.mail.layout import set_out
from forum.mail.outbox import queue
from forum.moderation.events import NoteAsked
from forum.notifications import digests
from forum.web.language import in_english
from forum.web.urls import full_url


def listen(listeners: Listeners) -> None:
    """Subscribe. Should it fail, the desk says so at their next visit, and a digest comes at the
    hour of the old zone once.
    """
    on(listeners, NoteAsked, _tell_moderators)
    on(listeners, ZoneChanged, _plan_anew)


def _plan_anew(event: ZoneChanged) -> None:
    with unit_of_work():
        digests.plan_anew(event.member_id)


def _tell_moderators(event: NoteAsked) -> None:
    """Queue an email for each moderator of a circle: it names no circle, no name and no words."""
    with in_english(), unit_of_work():
        words = set_out(_("Something is waiting for you. It is better read today."), full_url("/"))
        for member in moderator_accounts(event.circle_id):
            queue(member.address, _("Something is waiting for you"), words)
