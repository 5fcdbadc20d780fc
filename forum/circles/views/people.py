"""Members of a circle: list, roles, removal."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import member_names, pair_requests, queries
from forum.circles import membership as services
from forum.circles.access import in_circle
from forum.circles.forms import RoleForm
from forum.circles.models import Membership
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Role
from forum.web.access import factor_required
from forum.web.flash import flash


@bp.get("/circles/<uuid:circle_id>/people")
@in_circle
def people(standing: Standing) -> str:
    """All members by name, without dates and without pseudonyms; who has room for a pair."""
    mine = queries.own_place(standing, current_user.id).id
    moderators = queries.moderators(standing.circle_id)
    known = {
        place_id: pair_requests.pairing(place)
        for place_id, place in pair_requests.current(standing.circle_id).items()
    }
    return render_template(
        "circles/people.html",
        standing=standing,
        circle=queries.circle(standing),
        people=queries.people(standing),
        mine=mine,
        room={place_id for place_id, each in known.items() if each.room},
        asked={place_id for place_id, each in known.items() if each.waits_for(mine)},
        asks=known[mine].waiting,
        moderators=moderators,
        steps_down=may.step_down(standing, moderators),
    )


@bp.post("/circles/<uuid:circle_id>/people/<uuid:place_id>/role")
@in_circle
def give_role(standing: Standing, place_id: UUID) -> ResponseReturnValue:
    """Make someone facilitator or moderator, or a facilitator a member again."""
    require(may.change_settings(standing))
    form = RoleForm()
    if not form.validate():
        raise InvalidInput(role=_("Choose a role."))
    if queries.place(standing, place_id).role != form.role.data:  # or else pressed twice
        with unit_of_work():
            services.give_role(standing, place_id, form.role.data)
    return redirect(url_for(".people", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/people/step-down")
@in_circle
def step_down(standing: Standing) -> ResponseReturnValue:
    """Lay down the member's own role."""
    if standing.role is not Role.MEMBER or "pressed" not in request.form:  # else pressed twice
        with unit_of_work():
            services.step_down(standing, current_user.id)
    flash(_("You have stepped down and are now a member."))
    return redirect(url_for(".people", circle_id=standing.circle_id), 303)


@bp.route("/circles/<uuid:circle_id>/people/<uuid:place_id>/help-back-in", methods=["GET", "POST"])
@in_circle
def help_back_in(standing: Standing, place_id: UUID) -> ResponseReturnValue:
    """Vouch for somebody who lost every second factor; alike whether or not they have one."""
    place = queries.place(standing, place_id)
    require(may.vouch(standing, place.role, queries.moderators(standing.circle_id)))
    require(place.member_id != current_user.id)
    return _help_back_in(standing, place)


@factor_required
def _help_back_in(standing: Standing, place: Membership) -> ResponseReturnValue:
    if request.method == "POST":
        with unit_of_work():
            services.vouch(standing, place.id, current_user.id)
        flash(_("If they have a second lock, they are told now. You need do no more."))
        return redirect(url_for(".people", circle_id=standing.circle_id), 303)
    return render_template(
        "circles/help_back_in.html",
        standing=standing,
        name=place.own_name,
        is_alone=services.vouches_alone(standing),
    )


@bp.route("/circles/<uuid:circle_id>/people/<uuid:place_id>/remove", methods=["GET", "POST"])
@in_circle
def remove(standing: Standing, place_id: UUID) -> ResponseReturnValue:
    """Explain the effects of removing a member; remove on confirmation."""
    require(may.change_settings(standing))
    if request.method == "POST" and queries.has_left(standing, place_id):  # pressed twice
        flash(_("They are no longer in this circle."))
        return redirect(url_for(".people", circle_id=standing.circle_id), 303)
    place = queries.place(standing, place_id)
    require(may.remove(standing, place.role))
    if request.method == "POST":
        with unit_of_work():
            if not queries.has_left(standing, place_id):  # by a press that came first
                services.remove(standing, place_id)
        member_names.try_bylines()
        flash(_("They are no longer in this circle."))
        return redirect(url_for(".people", circle_id=standing.circle_id), 303)
    return render_template("circles/remove.html", standing=standing, name=place.own_name)
