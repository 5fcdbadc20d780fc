"""Opening a circle: its kind and name, then the opener's name, a first reflection, invitations."""

from flask import current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from forum.circles import queries, services, settings
from forum.circles.forms import KINDS, OpenForm
from forum.circles.models import Membership
from forum.circles.views import bp
from forum.circles.views.names import after_joining
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may
from forum.policy.terms import CircleKind
from forum.web.form_keys import FIELD, created_id, spend_key
from forum.web.forms import keeps_text


@bp.route("/circles/open", methods=["GET", "POST"])
@keeps_text
def open_circle() -> ResponseReturnValue:
    """Ask for the circle's kind and name; its opener becomes moderator."""
    form = OpenForm()
    each = current_app.config["CIRCLES_EACH"]
    circle_id = created_id()
    opened = queries.members(circle_id, Membership.member_id == current_user.id)
    free = [kind for kind in KINDS if opened or _has_room(kind)]
    form.offer(free)
    if form.validate_on_submit() and form.kind.data in free:
        try:
            name = settings.named(form.name.data or "")
            with unit_of_work():
                services.open_circle(
                    *(circle_id, current_user.id, current_user.name, name, current_user.timezone),
                    each,
                    form.kind.data,
                )
            return redirect(after_joining(current_user.id, circle_id), 303)
        except InvalidInput as error:
            if used := error.fields.pop(FIELD, ""):
                spend_key()
                form.form_errors.append(used)
            form.refuse(error)
    status = 422 if form.is_submitted() else 200
    return render_template("circles/open.html", form=form, free=free, each=each), status


def _has_room(kind: CircleKind) -> bool:
    each = current_app.config["CIRCLES_EACH"]
    return may.open_circle(queries.looked_after(current_user.id, kind), each)
