"""Pages of threads: reading, writing, and the member's own posts."""

from flask import Blueprint

from forum import markup
from forum.discussions.phrases import heading

bp = Blueprint("discussions", __name__)
bp.add_app_template_global(heading)
bp.add_app_template_global(markup.parts, "excerpt_parts")

from forum.discussions.views import drafts, home, own_posts, reflections, replies, saved, threads  # noqa: E402

__all__ = ["bp", "drafts", "home", "own_posts", "reflections", "replies", "saved", "threads"]
