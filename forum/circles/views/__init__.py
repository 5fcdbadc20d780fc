"""Pages of a circle, apart from its threads."""

from flask import Blueprint

bp = Blueprint("circles", __name__)

# Each adds its pages to the blueprint above.
from forum.circles.views import closing, inviting, joining, log, names, opening, people, settings  # noqa: E402

__all__ = ["bp", "closing", "inviting", "joining", "log", "names", "opening", "people", "settings"]
