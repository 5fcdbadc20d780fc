"""Views for closing a circle, calling it off, and moderating an abandoned circle."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import closing as services
from forum.circles import membership, queries
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.web.flash import flash


@bp.get("/circles/<uuid:circle_id>/closing")
def closing(circle_id: UUID) -> str:
    """Effects and present state of closing."""
    standing = queries.enter(current_user.id, circle_id)
    return render_template(
        "circles/closing.html",
        standing=standing,
        circle=queries.circle(standing),
        stands=services.closing_state(standing),
    )


@bp.post("/circles/<uuid:circle_id>/closing")
def ask_to_close(circle_id: UUID) -> ResponseReturnValue:
    """Vote, or withdraw the vote."""
    standing = queries.enter(current_user.id, circle_id)
    with unit_of_work():
        if services.closing_state(standing).mine:
            services.take_back(standing)
        elif services.ask(standing):
            goes_on = queries.circle(standing).closes_on is None
            closes = _("The circle closes in 30 days. Until then it can be read.")
            flash(_("The circle goes on.") if goes_on else closes)
    return redirect(url_for(".closing", circle_id=circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/closing/call-off")
def call_off(circle_id: UUID) -> ResponseReturnValue:
    """Call closing off as a moderator."""
    standing = queries.enter(current_user.id, circle_id)
    with unit_of_work():
        services.call_off(standing)
    flash(_("The circle goes on."))
    return redirect(url_for("discussions.index", circle_id=circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/take-on")
def take_on(circle_id: UUID) -> ResponseReturnValue:
    """Become moderator of a circle without one."""
    standing = queries.enter(current_user.id, circle_id)
    with unit_of_work():
        membership.take_on(standing, current_user.id)
    flash(_("You look after this circle now."))
    return redirect(url_for("discussions.index", circle_id=circle_id), 303)
