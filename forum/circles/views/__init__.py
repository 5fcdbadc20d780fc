"""Pages of a circle, apart from its threads."""

from flask import Blueprint, render_template
from flask_login import current_user

from forum.circles import queries

bp = Blueprint("circles", __name__)

from forum.circles.views import inviting, joining, names, opening, people, settings  # noqa: E402  # each adds its pages to the blueprint above

__all__ = ["bp", "inviting", "joining", "names", "opening", "people", "settings"]


@bp.get("/")
def mine() -> str:
    """The member's circles."""
    return render_template("circles/mine.html", circles=queries.circles_of(current_user.id))
