"""Views for sign-in and for a member's own account."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from forum.accounts.views import account, reset_password, second_factor, second_step, sign_in  # noqa: E402

__all__ = ["account", "bp", "reset_password", "second_factor", "second_step", "sign_in"]
