"""Months for which a circle keeps its threads: "Keep the learning, lose the case"."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles import queries, retention_settings
from forum.circles.access import in_circle
from forum.circles.forms import RetentionForm
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.flash import flash


@bp.app_template_global()
def retention_caution() -> str:
    """Caution about complaints and claims, where months are chosen and in notices."""
    return str(retention_settings.CAUTION)


@bp.route("/circles/<uuid:circle_id>/retention", methods=["GET", "POST"])
@in_circle
def retention(standing: Standing) -> ResponseReturnValue:
    """Show and choose the months after which threads go."""
    require(may.change_settings(standing))
    form = RetentionForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                wanted = form.months.data or None
                retention_settings.choose(standing, wanted, form.version.data or "")
            flash(_("Changes saved."))
            return redirect(url_for(".settings", circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
            form.version.data = retention_settings.version(standing)  # sent again, it is meant
    elif not form.is_submitted():
        form.months.data = retention_settings.months(standing) or 0
        form.version.data = retention_settings.version(standing)
    shown = {"standing": standing, "circle": queries.circle(standing), "form": form}
    return render_template("circles/retention.html", **shown), 422 if form.errors else 200
