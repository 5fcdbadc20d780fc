"""Opening a circle: its name, then the opener's name, a first reflection, invitations."""

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from forum.circles import queries, services, settings
from forum.circles.forms import OpenForm
from forum.circles.models import Membership
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text


@bp.route("/circles/open", methods=["GET", "POST"])
@keeps_text
def open_circle() -> ResponseReturnValue:
    """Ask for the circle's name; its opener becomes moderator."""
    form = OpenForm()
    each = current_app.config["CIRCLES_EACH"]
    circle_id = created_id()
    opened = queries.members(circle_id, Membership.member_id == current_user.id)
    opens = opened or may.open_circle(queries.looked_after(current_user.id), each)
    if form.validate_on_submit() and opens:
        try:
            name = settings.named(form.name.data or "")
            with unit_of_work():
                circle = services.open_circle(
                    circle_id, current_user.id, current_user.name, name, current_user.timezone, each
                )
            return redirect(url_for(".choose_name", circle_id=circle.id), 303)
        except InvalidInput as error:
            form.refuse(error)
    status = 422 if form.is_submitted() else 200
    return render_template("circles/open.html", form=form, opens=opens, each=each), status
