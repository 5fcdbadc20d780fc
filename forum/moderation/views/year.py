"""A circle's year as a drawing for its moderators."""

from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.discussions import activity_report, facilitation
from forum.moderation.views import bp
from forum.policy import may, require
from forum.policy.standing import Standing

WIDTH, HEIGHT = 400, 64  # of a row, in units of the drawing
GAP = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """A series of numbers over the year."""

    title: str
    most: float
    bars: list[Bar]


@bp.get("/circles/<uuid:circle_id>/year")
@in_circle
def year(standing: Standing) -> str:
    """Threads and replies a week, days until a first reply, rounds closed; never by member."""
    require(may.see_year(standing))
    spans = activity_report.year(standing)
    rows = [
        _row(_("Threads a week"), spans, [each.threads for each in spans]),
        _row(_("Replies a week"), spans, [each.replies for each in spans]),
        _row(_("Days until first reply"), spans, [each.waited for each in spans]),
    ]
    return render_template(
        "moderation/year.html",
        standing=standing,
        circle=circle(standing),
        spans=spans,
        rows=rows,
        width=WIDTH,
        height=HEIGHT,
        behind=activity_report.BEHIND,
        closed=facilitation.closed_in_year(standing),
    )


def _row(title: str, spans: list[activity_report.Span], numbers: list[float]) -> Row:
    most, bars, begun = max(numbers, default=0) or 1, [], 0
    scale = WIDTH / sum(span.weeks for span in spans) if spans else 0
    for span, number in zip(spans, numbers, strict=True):
        high = round(HEIGHT * number / most, 1)
        x, width = begun * scale, span.weeks * scale
        bars.append(Bar(round(x, 1), HEIGHT - high, round(width - GAP, 1), high))
        begun += span.weeks
    return Row(title, most, bars)
