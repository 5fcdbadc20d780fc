"""What a circle's page says once to whoever has just come."""

from uuid import UUID

from flask import session
from flask_babel import ngettext

from forum.web.number_words import spelt

NEW_IN = "new_in"  # in the cookie: the circle that someone has just come into, until they see it


def is_new_in(circle_id: UUID) -> bool:
    """Whether the person asking has just come into this circle: true once."""
    if session.get(NEW_IN) != str(circle_id):
        return False
    del session[NEW_IN]
    return True


def people_are_here(count: int) -> str:
    """How many people are in a circle, in words."""
    number = spelt(count).capitalize()
    return str(ngettext("One person is here.", "%(number)s people are here.", count, number=number))
