"""Views for sign-in and for a member's own account."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from forum.accounts.views import (  # noqa: E402
    account,
    passkeys,
    reset_password,
    second_factor,
    second_step,
    sign_in,
)

__all__ = ["account", "bp", "passkeys", "reset_password", "second_factor", "second_step", "sign_in"]
