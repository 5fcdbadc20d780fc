"""Greeting on a newcomer's first view of a circle."""

from uuid import UUID

from flask import session
from flask_babel import ngettext

from forum.web.number_words import spelt

NEW_IN = "new_in"  # cookie field: circle just joined, until its first view


def is_new_in(circle_id: UUID) -> bool:
    """True once, for a newcomer's first view of this circle."""
    if session.get(NEW_IN) != str(circle_id):
        return False
    del session[NEW_IN]
    return True


def people_in_words(count: int) -> str:
    """Number of people in a circle, in words."""
    number = spelt(count).capitalize()
    return str(
        ngettext("One person belongs here.", "%(number)s people belong here.", count, number=number)
    )
