"""Ways to talk of a circle, switched on and off by its moderators."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles import talk_settings
from forum.circles.access import in_circle
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.flash import flash

PATH = "/circles/<uuid:circle_id>/ways-to-talk"


@bp.get(PATH)
@in_circle
def ways_to_talk(standing: Standing) -> str:
    """The circle's ways to talk, each with its sentence."""
    require(may.change_settings(standing))
    on = talk_settings.switched_on(standing)
    return render_template(
        "circles/talk.html",
        standing=standing,
        rounds=[(each, each.key in on) for each in talk_settings.switchable()],
        version=talk_settings.version(standing),
    )


@bp.post(PATH)
@in_circle
def switch_ways(standing: Standing) -> ResponseReturnValue:
    """Switch ways to talk on and off; threads that have begun keep theirs."""
    wanted, version = request.form.getlist("rounds"), request.form.get("version", "")
    try:
        with unit_of_work():
            talk_settings.switch(standing, wanted, version)
        flash(_("Kept."))
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    return redirect(url_for(".ways_to_talk", circle_id=standing.circle_id), 303)
