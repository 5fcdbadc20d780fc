"""Page on which the programme lead names guardians."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.safety import guardians as people
from forum.safety.forms import GuardianAct, GuardianForm
from forum.safety.views import bp
from forum.web import limits
from forum.web.access import lead_only
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.forms import keeps_text

ASKED_MOST = "20 per day"  # addresses, whether or not anybody has them
DONE = {
    GuardianAct.ASK: _l(
        "If that address has an account, its holder is asked. Their name stands here once they "
        "have accepted."
    ),
    GuardianAct.END: _l("If that address belongs to a guardian, they are one no longer."),
}


@bp.route("/service/guardians", methods=["GET", "POST"])
@lead_only
@keeps_text
def guardians() -> ResponseReturnValue:
    """List guardians, and ask for one. The response is equal for unknown addresses."""
    form = GuardianForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                _act(form.act.data, form.address.data or "")
            flash(str(DONE[form.act.data]))
            return redirect(url_for(".guardians"), 303)
        except InvalidInput as error:
            form.refuse(error)
        except TooMany as error:
            form.form_errors.append(_("You have asked many people today. Try again tomorrow."))
            return _shown(form), 429, again_after(error)
    return _shown(form), 422 if form.errors else 200


@bp.post("/service/guardians/<uuid:guardian_id>/end")
@lead_only
def end_guardian(guardian_id: UUID) -> ResponseReturnValue:
    """End a guardian's task."""
    with unit_of_work():
        people.end(guardian_id)
    flash(_("They are no guardian any more."))
    return redirect(url_for(".guardians"), 303)


def _shown(form: GuardianForm) -> str:
    return render_template(
        "safety/guardians.html", form=form, acting=people.acting(), fewest=people.FEWEST
    )


def _act(act: GuardianAct, address: str) -> None:
    if act is GuardianAct.ASK:
        limits.take("guardians asked", ASKED_MOST, current_user.id)
        people.ask(current_user.address, address)
    else:
        people.take_back(address)
