"""Pages of flags, messages to the moderators, and the desk."""

from flask import Blueprint

from forum.moderation import queries
from forum.moderation.phrases import outcome

bp = Blueprint("moderation", __name__)
bp.add_app_template_global(queries.notices, "moderation_notices")
bp.add_app_template_global(outcome, "flag_outcome")

# Each adds its pages to the blueprint above.
from forum.moderation.views import concerns, desk, flagging, messages, year  # noqa: E402

__all__ = ["bp", "concerns", "desk", "flagging", "messages", "year"]
