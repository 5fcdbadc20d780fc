"""Pages of threads: to read them, to write in them, and to find one's own words again."""

from flask import Blueprint

from forum import markup
from forum.discussions.phrases import heading

bp = Blueprint("discussions", __name__)
bp.add_app_template_global(heading)
bp.add_app_template_global(markup.parts, "excerpt_parts")

from forum.discussions.views import (  # noqa: E402
    answering,
    catching_up,
    drafting,
    keeping,
    own,
    presenting,
    reading,
)

__all__ = ["answering", "bp", "catching_up", "drafting", "keeping", "own", "presenting", "reading"]
