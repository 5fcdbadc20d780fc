"""Pages of threads: to read them, to write in them, and to find one's own words again."""

from flask import Blueprint

from forum.discussions.phrases import heading

bp = Blueprint("discussions", __name__)
bp.add_app_template_global(heading)

from forum.discussions.views import answering, drafting, own, presenting, reading  # noqa: E402

__all__ = ["answering", "bp", "drafting", "own", "presenting", "reading"]
