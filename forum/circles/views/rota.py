"""Views of the answering rota."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles import answering_rota, queries
from forum.circles.access import in_circle
from forum.circles.forms import RhythmForm
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.language import spoken_on

PATH = "/circles/<uuid:circle_id>/rota"
Action = TypeVar("Action", bound=Callable[..., None])
ACTIONS = {
    "on": answering_rota.put_on,
    "off": answering_rota.take_off,
    "skip": answering_rota.skip,
    "extend": answering_rota.extend,
    "take": answering_rota.take_turn,
}
MOVES = {answering_rota.skip, answering_rota.extend}  # which the next press would do once more


@bp.get(PATH)
@in_circle
def show_rota(standing: Standing) -> str:
    """Names on the rota, and how many are asked now: never who."""
    require(may.see_rota(standing))
    return _page(standing, RhythmForm(weeks=queries.circle(standing).turn_weeks or 0))


@bp.post(PATH)
@in_circle
def turn_rota(standing: Standing) -> ResponseReturnValue:
    """Add or remove the member's name, skip a turn, extend it, or take it."""
    act = _asked(ACTIONS)
    try:
        with unit_of_work():
            if act in MOVES:
                answering_rota.check_version(standing, request.form.get("version", ""))
            act(standing)
    except InvalidInput as error:
        if "name" in error.fields:
            with spoken_on("circles.choose_name"):
                flash(str(answering_rota.NAME_FIRST))
            return redirect(url_for(".choose_name", circle_id=standing.circle_id), 303)
        flash(" ".join(error.fields.values()))
    return redirect(url_for(".show_rota", circle_id=standing.circle_id), 303)


@bp.post(f"{PATH}/<uuid:turn_id>")
@in_circle
def change_turn(standing: Standing, turn_id: UUID) -> ResponseReturnValue:
    """Remove a name."""
    act = _asked({"off": answering_rota.take_off})
    try:
        with unit_of_work():
            answering_rota.check_version(standing, request.form.get("version", ""))
            act(standing, turn_id)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    return redirect(url_for(".show_rota", circle_id=standing.circle_id), 303)


@bp.post(f"{PATH}/rhythm")
@in_circle
def set_rhythm(standing: Standing) -> ResponseReturnValue:
    """Set the length of turns, or end the rota."""
    require(may.set_rhythm(standing))
    form = RhythmForm()
    if not form.validate():
        return _page(standing, form), 422
    try:
        with unit_of_work():
            answering_rota.check_version(standing, request.form.get("version", ""))
            answering_rota.set_rhythm(standing, form.weeks.data)
    except InvalidInput as error:
        form.weeks.errors = [*error.fields.values()]
        return _page(standing, form), 409
    flash(_("Changes saved."))
    return redirect(url_for(".show_rota", circle_id=standing.circle_id), 303)


def _asked(actions: Mapping[str, Action]) -> Action:
    """Action of the pressed button. Raises InvalidInput for an unknown button."""
    act = actions.get(request.form.get("do", ""))
    if act is None:
        raise InvalidInput(do=_("Press one of the buttons."))
    return act


def _page(standing: Standing, form: RhythmForm) -> str:
    return render_template(
        "circles/rota.html",
        standing=standing,
        circle=queries.circle(standing),
        names=answering_rota.listed(standing),
        asked=answering_rota.asked(queries.circle(standing)),
        version=answering_rota.version(standing),
        is_on=answering_rota.has_turn(standing),
        form=form,
    )
