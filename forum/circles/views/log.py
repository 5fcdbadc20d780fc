"""Log of a circle, for all its members."""

from uuid import UUID

from flask import render_template
from flask_login import current_user

from forum.audit import queries as audit
from forum.audit.phrases import sentence
from forum.circles import queries
from forum.circles.views import bp
from forum.core.errors import NotFound
from forum.web.paging import page_asked


@bp.get("/circles/<uuid:circle_id>/log")
def log(circle_id: UUID) -> str:
    """Log entries, newest first, 50 a page."""
    standing = queries.enter(current_user.id, circle_id)
    page = page_asked()
    entries, last = audit.page(circle_id, page)
    if page > last:
        raise NotFound
    return render_template(
        "circles/log.html",
        circle=queries.circle(standing),
        entries=entries,
        sentence=sentence,
        head=audit.head(circle_id),
        page=page,
        last=last,
    )
