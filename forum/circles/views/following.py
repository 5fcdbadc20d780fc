"""Notification level of a member for a circle."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import membership, queries
from forum.circles.access import in_circle
from forum.circles.forms import FollowForm
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.language import spoken_on


@bp.route("/circles/<uuid:circle_id>/following", methods=["GET", "POST"])
@in_circle
def following(standing: Standing) -> ResponseReturnValue:
    """Choose what the home page and emails include from this circle."""
    form = FollowForm(follows=standing.follows)
    if not form.validate_on_submit():
        page = render_template("circles/following.html", circle=queries.circle(standing), form=form)
        return page, 422 if form.errors else 200
    with unit_of_work():
        membership.follow(standing, current_user.id, form.follows.data)
    with spoken_on("discussions.index"):
        flash(_("Changes saved."))
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)
