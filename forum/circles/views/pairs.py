"""Views of room for a pair: said and asked on the list of people, answered there and on home."""

from uuid import UUID

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import member_names, pairs, queries
from forum.circles.access import in_circle
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.form_keys import created_id


@bp.post("/circles/<uuid:circle_id>/room-for-a-pair")
@in_circle
def offer_room(standing: Standing) -> ResponseReturnValue:
    """Say that the member has room for one pair, or take it off the list."""
    says = pairs.end_room if request.form.get("do") == "end" else pairs.offer_room
    try:
        with unit_of_work():
            says(standing, current_user.id)
    except Forbidden as error:
        flash(_why_not(standing, error))
    return _people(standing)


@bp.post("/circles/<uuid:circle_id>/people/<uuid:place_id>/pair")
@in_circle
def ask_for_pair(standing: Standing, place_id: UUID) -> ResponseReturnValue:
    """Ask somebody on the list for a pair, or withdraw the request."""
    try:
        with unit_of_work():
            if request.form.get("do") == "withdraw":
                pairs.withdraw(standing, current_user.id, place_id)
            else:
                each = current_app.config["CIRCLES_EACH"]
                pairs.ask(standing, current_user.id, place_id, created_id(), each)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    except Forbidden as error:
        flash(_why_not(standing, error))
    return _people(standing)


@bp.post("/circles/<uuid:circle_id>/pairs/<uuid:request_id>/yes")
@in_circle
def accept_pair(standing: Standing, request_id: UUID) -> ResponseReturnValue:
    """Open a circle of the two; leads to it."""
    try:
        with unit_of_work():
            each = current_app.config["CIRCLES_EACH"]
            circle_id = pairs.accept(standing, current_user.id, request_id, each)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
        return _people(standing)
    except Forbidden as error:
        flash(_why_not(standing, error))
        return _people(standing)
    if circle_id is None:
        flash(_("This request is over."))
        return _people(standing)
    for member_id in queries.member_ids(circle_id):  # of a pair: the asker and the member
        member_names.take_own_name(member_id, circle_id)
    return redirect(url_for("discussions.index", circle_id=circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/pairs/<uuid:request_id>/not-now")
@in_circle
def put_off_pair(standing: Standing, request_id: UUID) -> ResponseReturnValue:
    """Take a request off the member's pages; who asked is not notified."""
    with unit_of_work():
        pairs.put_off(standing, current_user.id, request_id)
    flash(_("Not now, then. Nobody is told."))
    return _people(standing)


def _why_not(standing: Standing, error: Forbidden) -> str:
    """Sentence for a pair refused in a circle that closes, or whose ground rules changed. Raises
    the error where neither is so.
    """
    if not standing.writable:
        return str(_("This circle can only be read now."))
    if not standing.agreed:
        return str(_("The ground rules have changed. Agree on the circle's page first."))
    raise error


def _people(standing: Standing) -> ResponseReturnValue:
    return redirect(url_for(".people", circle_id=standing.circle_id), 303)
