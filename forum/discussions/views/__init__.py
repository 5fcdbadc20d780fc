"""Pages of threads: reading, writing, and the member's own posts."""

from flask import Blueprint

from forum import markup
from forum.discussions.phrases import heading, heading_language, titled

bp = Blueprint("discussions", __name__)
for _function in (heading, heading_language, titled):
    bp.add_app_template_global(_function)
bp.add_app_template_global(markup.parts, "excerpt_parts")

from forum.discussions.views import (  # noqa: E402
    circle,
    copies,
    drafts,
    home,
    messages,
    note_suggestions,
    own_posts,
    post_buttons,
    reflections,
    replies,
    rounds,
    saved,
    threads,
    withdrawals,
    year_themes,
)

__all__ = [
    "bp",
    "circle",
    "copies",
    "drafts",
    "home",
    "messages",
    "note_suggestions",
    "own_posts",
    "post_buttons",
    "reflections",
    "replies",
    "rounds",
    "saved",
    "threads",
    "withdrawals",
    "year_themes",
]
