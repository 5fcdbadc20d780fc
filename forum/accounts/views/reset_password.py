"""Forgotten passwords: requesting a link, choosing anew. Responses reveal no account."""

from contextlib import suppress
from functools import partial

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.accounts import passwords, services
from forum.accounts.forms import ForgottenForm, NewPasswordForm
from forum.accounts.queries import account, address_digest
from forum.accounts.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound, TooMany
from forum.mail.queries import is_on
from forum.web import limits
from forum.web.access import public
from forum.web.after_response import after_response
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import spoken_on

RESETS_PER_NETWORK = "20 per hour"
RESETS_PER_ADDRESS = "3 per hour"


@bp.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Request a reset link by email, if mail is on."""
    form = ForgottenForm()
    if not is_on() or not form.validate_on_submit():
        status = 422 if form.errors else 200
        return render_template("accounts/forgotten.html", form=form, mail_is_on=is_on()), status
    address = form.email.data or ""
    limits.take_from_network("reset", RESETS_PER_NETWORK)
    with suppress(TooMany):  # the same answer: a refusal would tell that its owner asked, too
        limits.take_for("reset", RESETS_PER_ADDRESS, address_digest(address))
        after_response(partial(services.send_reset_link, address))
    return render_template("accounts/link_sent.html")


@bp.route("/password/reset/<link:secret>", methods=["GET", "POST"])
@public
@keeps_text
def reset(secret: str) -> ResponseReturnValue:
    """Choose a new password through a link. GET changes nothing, and nobody is signed in."""
    form = NewPasswordForm()
    try:
        member = account(services.reset_for(secret))
        if form.validate_on_submit():
            context = member.address, member.name
            new = passwords.hashed(form.password.data or "", *context)
            with unit_of_work():
                services.reset_password(secret, new)
            with spoken_on("accounts.sign_in"):
                flash(_("Your password is changed. Sign in with the new one."))
            return redirect(url_for(".sign_in"), 303)
    except NotFound:
        again = url_for(".forgotten")
        return render_template("accounts/link_is_gone.html", again=again, is_reset=True), 410
    except InvalidInput as error:
        form.refuse(error)
    status = 422 if form.errors else 200
    return render_template("accounts/reset.html", form=form, address=member.address), status
