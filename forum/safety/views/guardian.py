"""A guardian's own page: accepting, and stepping down."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import second_factors
from forum.accounts.queries import account
from forum.core.db import unit_of_work
from forum.safety import guardians as people
from forum.safety.views import bp
from forum.web import resubmission
from forum.web.access import fresh_factor
from forum.web.flash import flash


@bp.get("/guardian")
def guardian() -> str:
    """Page of an account that was asked, or accepted; nobody else finds it."""
    row = people.asked(current_user.id)
    return render_template("safety/guardian.html", row=row, has_factor=_has_factor())


@bp.post("/guardian/accept")
@fresh_factor
def accept() -> ResponseReturnValue:
    """Accept, given a second factor; an account without one adds it first."""
    people.asked(current_user.id)
    if not _has_factor():
        way_back = resubmission.sealed_way(url_for(".guardian"))
        return redirect(url_for("accounts.lock", next=way_back), 303)
    with unit_of_work():
        people.accept(current_user.id)
    flash(_("Thank you. Members of every circle can now read your name as a guardian."))
    return redirect(url_for(".guardian"), 303)


@bp.post("/guardian/step-down")
def step_down() -> ResponseReturnValue:
    """Decline, or stop being a guardian."""
    with unit_of_work():
        people.step_down(current_user.id)
    flash(_("You are no guardian any more."))
    return redirect(url_for("discussions.home"), 303)


def _has_factor() -> bool:
    return second_factors.has_any(account(current_user.id))
