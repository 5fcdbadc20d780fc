"""Views for the everyday name in a circle, and for the display name."""

from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.authors.queries import everyday
from forum.circles import first_visit, member_names, queries
from forum.circles.access import in_circle
from forum.circles.forms import ANOTHER, NameForm, OwnNameForm
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode
from forum.web import limits
from forum.web.flash import flash
from forum.web.forms import keeps_text

RENAMES_PER_MEMBER = "10 per day"  # attempts; each answer reveals whether a name is in use


@bp.route("/circles/<uuid:circle_id>/name", methods=["GET", "POST"])
@keeps_text
@in_circle
def choose_name(standing: Standing) -> ResponseReturnValue:
    """Choose an everyday name in this circle, once."""
    if everyday(standing):
        return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)
    form = NameForm()
    _offer(form, standing)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                member_names.choose(standing, *form.chosen())
            return redirect(_next(standing), 303)
        except InvalidInput as error:
            form.refuse(error)
    page = render_template(
        "circles/name.html",
        form=form,
        another=ANOTHER,
        invents=AuthorMode.PSEUDONYM in may.everyday_modes(standing),
        few=not may.crowd_suffices(standing.members, reply=False),
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/account/name", methods=["GET", "POST"])
@keeps_text
def own_name() -> ResponseReturnValue:
    """Change the display name in all circles."""
    form = OwnNameForm()
    if form.validate_on_submit():
        try:
            limits.take("rename", RENAMES_PER_MEMBER, current_user.id)
            with unit_of_work():
                member_names.rename(current_user.id, form.name.data or "")
            member_names.try_bylines()
            flash(_("Your name is changed, including on posts you wrote under it."))
            return redirect(url_for(".own_name"), 303)
        except InvalidInput as error:
            form.refuse(error)
        except TooMany:
            form.form_errors.append(_("You have tried many names today. Try again tomorrow."))
    elif not form.is_submitted():
        form.name.data = current_user.name
    return render_template("circles/own_name.html", form=form), 422 if form.is_submitted() else 200


def _offer(form: NameForm, standing: Standing) -> None:
    modes = may.everyday_modes(standing)
    invents = AuthorMode.PSEUDONYM in modes
    own = standing.own_name if AuthorMode.OWN_NAME in modes else None
    form.offer(member_names.suggestions() if invents else [], own, may_invent=invents)


def after_joining(member_id: UUID, circle_id: UUID) -> str:
    """URL that follows opening or joining a circle: the choice of a name.

    A small circle does not ask: the own name is taken, in a transaction that names no member.
    """
    standing = queries.enter(member_id, circle_id)
    if not standing.kind.is_small:
        return url_for("circles.choose_name", circle_id=circle_id)
    member_names.take_own_name(member_id, circle_id)
    return _next(standing)


def _next(standing: Standing) -> str:
    """URL of the next page: the composer for whoever opened the circle, its threads for a
    newcomer.
    """
    if standing.members == 1:
        return url_for("discussions.write", circle_id=standing.circle_id)
    session[first_visit.NEW_IN] = str(standing.circle_id)
    return url_for("discussions.index", circle_id=standing.circle_id)


bp.add_app_template_global(first_visit.people_in_words)
bp.add_app_template_global(queries.hiding_is_new)
