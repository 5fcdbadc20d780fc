"""Pages for coming and going, and for one's own account."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from forum.accounts.views import coming, own, resetting  # noqa: E402

__all__ = ["bp", "coming", "own", "resetting"]
