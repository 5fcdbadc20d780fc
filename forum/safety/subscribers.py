"""Reactions to events: an email that called a guardian has left."""

from forum.core.db import unit_of_work
from forum.core.events import Listeners, on
from forum.mail.events import EmailLeft
from forum.safety import queries, services


def listen(listeners: Listeners) -> None:
    """Subscribe. Should it fail, no guardian can open a name alone."""
    on(listeners, EmailLeft, _note)


def _note(event: EmailLeft) -> None:
    if queries.has_any():
        with unit_of_work():
            services.note_left(event.email_id)
