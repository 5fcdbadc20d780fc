"""Views for closing a circle, calling it off, and moderating an abandoned circle."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import closing as services
from forum.circles import conversations, membership, queries
from forum.circles.access import in_circle
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.policy.standing import Standing
from forum.policy.terms import Role
from forum.web.flash import flash
from forum.web.language import spoken_on

CLOSES = {"close": True, "keep_open": False}  # what a vote is for


@bp.get("/circles/<uuid:circle_id>/closing")
@in_circle
def closing(standing: Standing) -> str:
    """Effects and present state of closing."""
    return render_template(
        "circles/closing.html",
        standing=standing,
        circle=queries.circle(standing),
        stands=services.closing_state(standing),
    )


@bp.post("/circles/<uuid:circle_id>/closing")
@in_circle
def ask_to_close(standing: Standing) -> ResponseReturnValue:
    """Vote, or withdraw the vote: the form names which, so pressing twice is pressing once."""
    do = request.form.get("do")
    with unit_of_work():
        if do == "take_back":
            services.take_back(standing)
        elif services.ask(standing, closes=CLOSES.get(do or "")):
            goes_on = queries.circle(standing).closes_on is None
            closes = _("The circle closes in 30 days. Until then it can be read.")
            flash(_("The circle stays open.") if goes_on else closes)
    return redirect(url_for(".closing", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/closing/call-off")
@in_circle
def call_off(standing: Standing) -> ResponseReturnValue:
    """Call closing off as a moderator."""
    is_over = queries.circle(standing).closes_on is None and standing.role is Role.MODERATOR
    if not is_over:  # or else pressed twice
        with unit_of_work():
            services.call_off(standing)
    flash(_("The circle stays open."))
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/keep")
@in_circle
def keep_conversation(standing: Standing) -> ResponseReturnValue:
    """Press "Keep it" in one conversation that would be gone."""
    with unit_of_work():
        if conversations.keep(standing):
            with spoken_on("discussions.index"):
                flash(_("You all keep it. It can be read, and nobody can post any more."))
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/take-on")
@in_circle
def take_on(standing: Standing) -> ResponseReturnValue:
    """Become moderator of a circle without one."""
    if standing.role is not Role.MODERATOR:  # or else pressed twice
        with unit_of_work():
            membership.take_on(standing, current_user.id)
    flash(_("You are now a moderator of this circle."))
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


bp.add_app_template_global(conversations.ending, "ending_of")
