"""Notification level of a member for a circle."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import membership, queries
from forum.circles.forms import FollowForm
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.web.flash import flash


@bp.route("/circles/<uuid:circle_id>/following", methods=["GET", "POST"])
def following(circle_id: UUID) -> ResponseReturnValue:
    """Choose what the home page and emails include from this circle."""
    standing = queries.enter(current_user.id, circle_id)
    form = FollowForm(follows=standing.follows)
    if not form.validate_on_submit():
        page = render_template("circles/following.html", circle=queries.circle(standing), form=form)
        return page, 422 if form.errors else 200
    with unit_of_work():
        membership.follow(standing, current_user.id, form.follows.data)
    flash(_("Kept."))
    return redirect(url_for("discussions.index", circle_id=circle_id), 303)
