"""Views of a circle's settings and ground rules."""

from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import membership, queries
from forum.circles import settings as services
from forum.circles.access import in_circle
from forum.circles.forms import AgreeForm, SettingsForm
from forum.circles.ground_rules import TEN, in_force
from forum.circles.views import bp
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web import zones
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import spoken_on
from forum.web.zones import ZoneForm

CARRY_ON = "carry-on"  # place of the sealed path


@bp.route("/circles/<uuid:circle_id>/settings", methods=["GET", "POST"])
@keeps_text
@in_circle
def settings(standing: Standing) -> ResponseReturnValue:
    """Show and change the circle's settings."""
    require(may.change_settings(standing))
    form = SettingsForm()
    if form.is_submitted() and not may.change_ways(standing):
        form.keep_names(services.settings(standing))
    if form.validate_on_submit() and (wanted := form.wanted()):
        try:
            with unit_of_work():
                services.change(standing, wanted, form.version.data or "")
                membership.agree(standing, current_user.id, rules_id(standing))
            flash(_("Changes saved."))
            return redirect(url_for(".settings", circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
            form.version.data = services.settings(
                standing
            ).version  # a second press overwrites knowingly
    elif not form.is_submitted():
        form.show(services.settings(standing))
    shown = {"form": form, "standing": standing, "timezone": queries.circle(standing).timezone}
    return render_template("circles/settings.html", **shown), 422 if form.is_submitted() else 200


@bp.route("/circles/<uuid:circle_id>/settings/timezone", methods=["GET", "POST"])
@in_circle
def change_timezone(standing: Standing) -> ResponseReturnValue:
    """Change the time zone of the circle's slots: a region, then a place in it."""
    require(may.change_settings(standing))
    form, region = ZoneForm(), zones.region_asked()
    timezone = queries.circle(standing).timezone
    form.offer(region, timezone)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                services.change_timezone(standing, form.timezone.data)
            flash(_("Time zone saved."))
            return redirect(url_for(".settings", circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
    shown = {"form": form, "region": region, "standing": standing, "timezone": timezone}
    return render_template("circles/timezone.html", **shown), 422 if form.errors else 200


@bp.get("/circles/<uuid:circle_id>/rules")
@in_circle
def rules(standing: Standing) -> str:
    """Ground rules: the ten, and the circle's own."""
    return render_template("circles/rules.html", standing=standing, ten=TEN)


@bp.post("/circles/<uuid:circle_id>/rules/agree")
@in_circle
def agree(standing: Standing) -> ResponseReturnValue:
    """Agree to the ground rules shown, then return to the previous page."""
    form = AgreeForm()
    if form.validate() and form.agreed_to:
        with unit_of_work():
            agreed = membership.agree(standing, current_user.id, form.agreed_to)
        if not agreed:
            with spoken_on("discussions.index"):
                flash(_("The ground rules have changed again. Please read them before you agree."))
    back = tokens.opened(form.back.data, CARRY_ON)
    return redirect(back or url_for("discussions.index", circle_id=standing.circle_id), 303)


@bp.app_template_global()
def own_rules(standing: Standing) -> list[str]:
    """Ground rules added by the circle."""
    return queries.own_rules(standing.circle_id)


@bp.app_template_global()
def new_rules(standing: Standing) -> list[str]:
    """Added ground rules to which the current member has not agreed yet."""
    return queries.new_rules(standing, current_user.id)


@bp.app_template_global()
def carry_on() -> str:
    """Sealed path of the current page, so that no request can name another target.

    An empty one for the answer to a form whose path cannot be opened.
    """
    paths = current_app.url_map.bind_to_environ(request.environ)
    return tokens.sealed(request.path if paths.test(method="GET") else "", CARRY_ON)


@bp.app_template_global()
def rules_id(standing: Standing) -> UUID:
    """Id of the circle's current ground rules."""
    return in_force(queries.circle(standing).rules)
