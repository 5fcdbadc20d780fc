"""Read-only mode: pages open, and forms are refused with their text."""

from flask import Flask, request

from forum.core.errors import ReadOnly
from forum.core.service_state import is_read_only
from forum.web.request_guards import WRITES

# Views that go on: reading, coming and going, and what stops harm. All others are refused.
OPEN = frozenset(
    {
        *("accounts.sign_in", "accounts.sign_in_with_passkey", "accounts.give_code"),
        *("accounts.confirm_password", "accounts.confirm_factor", "accounts.confirm_by_passkey"),
        *("accounts.sign_out", "accounts.end_session", "accounts.end_other_sessions"),
        "accounts.stop_recovery",
        *("search.find", "learning.search", "learning.look", "learning.download"),
        *("offboarding.take_along", "offboarding.copy_by_link", "programme.account", "speak"),
        *("moderation.send", "moderation.send_concern"),  # a patient seen, somebody in danger
    }
)
LIVES = "safety"  # room whose every view goes on


def init_app(app: Flask) -> None:
    """Refuse writes while the mode is on."""

    @app.before_request
    def check_mode() -> None:
        if request.method not in WRITES or request.endpoint in OPEN or request.blueprint == LIVES:
            return
        if is_read_only():
            raise ReadOnly
