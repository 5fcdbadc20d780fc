"""Log of a circle, for all its members."""

from flask import render_template

from forum.audit import queries as audit
from forum.audit.phrases import sentence
from forum.circles import queries
from forum.circles.access import in_circle
from forum.circles.views import bp
from forum.core.errors import NotFound
from forum.policy.standing import Standing
from forum.web.paging import page_asked


@bp.get("/circles/<uuid:circle_id>/log")
@in_circle
def log(standing: Standing) -> str:
    """Log entries, newest first, 50 a page."""
    page = page_asked()
    entries, last = audit.page(standing.circle_id, page)
    if page > last:
        raise NotFound
    return render_template(
        "circles/log.html",
        circle=queries.circle(standing),
        entries=entries,
        sentence=sentence,
        head=audit.head(standing.circle_id),
        page=page,
        last=last,
    )
