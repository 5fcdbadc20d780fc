"""Pages for coming and going, and for one's own account."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from forum.accounts.views import account, reset_password, sign_in  # noqa: E402

__all__ = ["account", "bp", "reset_password", "sign_in"]
