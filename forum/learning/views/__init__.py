"""A member's own learning: notes, and the record of them for an appraisal."""

from flask import Blueprint
from flask_login import current_user

from forum.learning.note_content import NoteContent
from forum.learning.schemes import Scheme, scheme, scheme_of_zone

bp = Blueprint("learning", __name__)


def scheme_of(content: NoteContent) -> Scheme:
    """Scheme of a note; the one of the member's time zone for an unknown key."""
    return scheme(content.scheme) or scheme_of_zone(current_user.timezone)


def number_in(typed: str) -> int | None:
    """A number as an address carries it, of at most five digits; None for other text."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


from forum.learning.views import appraisal, notes  # noqa: E402, F401  # their routes
