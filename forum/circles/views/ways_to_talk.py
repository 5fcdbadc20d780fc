"""Ways to talk of a circle, switched on and off by its moderators."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles import talk_settings
from forum.circles.access import in_circle
from forum.circles.forms import WaysForm, ways_form
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.forms import keeps_text

PATH = "/circles/<uuid:circle_id>/ways-to-talk"
DAYS = "/circles/<uuid:circle_id>/days"


@bp.get(PATH)
@in_circle
def ways_to_talk(standing: Standing) -> str:
    """The circle's ways to talk, each with its sentence and the days of its phases."""
    require(may.change_ways(standing))
    form = _form()
    form.show(
        talk_settings.switched_on(standing),
        talk_settings.told_by(standing),
        talk_settings.lengths(standing),
        talk_settings.version(standing),
    )
    return _page(standing, form)


@bp.post(PATH)
@keeps_text
@in_circle
def switch_ways(standing: Standing) -> ResponseReturnValue:
    """Switch ways to talk on and off, and set the days of phases; threads that have begun keep
    theirs."""
    require(may.change_ways(standing))
    form = _form()
    if not form.validate():
        return _page(standing, form), 422
    try:
        with unit_of_work():
            wanted, days = form.rounds.data or (), form.days()
            told = form.templates.data or () if form.tells.data else None
            talk_settings.change(standing, wanted, days, form.version.data or "", told)
    except InvalidInput as error:
        form.refuse(error)
        form.version.data = talk_settings.version(standing)  # sent again, it is meant
        return _page(standing, form), 409
    flash(_("Changes saved."))
    return redirect(url_for(".ways_to_talk", circle_id=standing.circle_id), 303)


def _form() -> WaysForm:
    return ways_form(talk_settings.switchable(), talk_settings.ways_to_tell())


def _page(standing: Standing, form: WaysForm) -> str:
    return render_template(
        "circles/ways_to_talk.html",
        standing=standing,
        form=form,
        rounds=talk_settings.switchable(),
        templates=talk_settings.ways_to_tell(),
        rests=talk_settings.rests(standing),
        weekends=talk_settings.counts_weekends(standing),
    )


@bp.post(DAYS)
@in_circle
def change_days(standing: Standing) -> ResponseReturnValue:
    """Set or end rest days, or count weekends; what rounds have counted stays counted."""
    first, last, done = _day("first"), _day("last"), request.form.get("do", "")
    try:
        with unit_of_work():
            if done == "end" and first and last:
                talk_settings.end_rest(standing, first, last)
            elif done == "weekends":
                talk_settings.count_weekends(standing, counted="counted" in request.form)
            else:
                talk_settings.add_rest(standing, first, last)
        flash(_("Changes saved."))
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    return redirect(url_for(".ways_to_talk", circle_id=standing.circle_id), 303)


def _day(name: str) -> date | None:
    """A day as a browser sends it."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
