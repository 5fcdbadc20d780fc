"""Sign-in, sign-out, and asking for the password again.

Forms submitted without a living session or fresh password are carried through these pages and
resubmitted at the end.
"""

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user

from forum.accounts import (
    authentication,
    known_devices,
    queries,
    second_factors,
    services,
    sessions,
)
from forum.accounts.forms import ConfirmForm, ConfirmWithAppForm, Device, SignInForm
from forum.accounts.views import bp, second_step
from forum.accounts.views.second_step import error_text
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import Busy, TooMany
from forum.web import resubmission
from forum.web.access import any_account, public, without_factor
from forum.web.after_response import after_response
from forum.web.errors import STATUS, again_after
from forum.web.forms import Form, keeps_text
from forum.web.request_guards import long_form
from forum.web.resubmission import Submission

WAY_ON = "way-on"  # place of the sealed target


def init_login(login: LoginManager) -> None:
    """Register the pages for a missing session and for a stale password."""
    login.session_protection = None  # would store a digest of address and browser
    login.request_loader(lambda _request: sessions.current())
    login.unauthorized_handler(_ask_to_sign_in)
    login.needs_refresh_handler(_ask_password)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@long_form
@keeps_text
def sign_in() -> ResponseReturnValue:
    """Sign-in page. Visitors without an account learn no more than members with a wrong
    password.
    """
    form, submission = _form(), resubmission.carried()
    form.way_on.data = form.way_on.data or resubmission.asked_way()
    if not form.validate_on_submit():  # on a second press the token is spent, but the session open
        if current_user.is_authenticated:
            return second_step.gone_on(None, submission, form.way_on.data)
        return _sign_in_page(form, submission, 422 if form.errors else 200)
    address = form.email.data or ""
    try:
        known = authentication.by_password(address, form.password.data or "")
    except (TooMany, Busy) as error:
        form.form_errors.append(error_text(error))
        return *_sign_in_page(form, submission, STATUS[type(error)]), again_after(error)
    own = form.device.data is Device.OWN
    outcome = second_step.let_in(known, own_device=own) if known else None
    if known is None or outcome is None:
        after_response(partial(services.note_failure, address))
        form.form_errors.append(
            _("That email and password do not match. Check both, or reset your password.")
        )
        return _sign_in_page(form, submission, 422)
    after_response(partial(known.renew, form.password.data or ""))
    if outcome is second_step.CODE_NEEDED:
        return second_step.page(known, form, submission, own_device=own)
    return second_step.gone_on(outcome, submission, form.way_on.data)


@bp.post("/sign-out")
@any_account
@without_factor
def sign_out() -> ResponseReturnValue:
    """Sign out, and clear the browser's cache and storage."""
    with unit_of_work():
        sessions.end()
    answer = redirect(url_for(".sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/account/confirm", methods=["GET", "POST"])
@any_account
@without_factor
@long_form
@keeps_text
def confirm_password() -> ResponseReturnValue:
    """Give the password again, then return to the requested page."""
    form, submission = _confirm_form(), resubmission.carried()
    if not form.validate_on_submit():
        form.way_on.data = form.way_on.data or resubmission.asked_way(WAY_ON)
        return _confirm_page(form, submission, 422 if form.errors else 200)
    try:
        right = _confirmed(form)
    except (TooMany, Busy) as error:
        form.form_errors.append(error_text(error))
        return *_confirm_page(form, submission, STATUS[type(error)]), again_after(error)
    if not right:
        form.form_errors.append(_("That password is not right. Try again."))
        return _confirm_page(form, submission, 422)
    return second_step.go(submission, tokens.opened(form.way_on.data, WAY_ON))


def _confirm_form(**sent: None) -> ConfirmForm:
    has_app = bool(queries.account(current_user.id).totp_secret)
    return ConfirmWithAppForm(**sent) if has_app else ConfirmForm(**sent)


def _confirmed(form: ConfirmForm) -> bool:
    """True for the right password, or digits in its place; the session then has a new token."""
    digits = form.digits.data if isinstance(form, ConfirmWithAppForm) else ""
    if digits and not form.password.data:
        return second_factors.given_again(current_user.id, digits) is not None
    if not authentication.again(current_user.id, form.password.data or ""):
        return False
    with unit_of_work():
        sessions.renew()
    return True


def _form(**sent: None) -> SignInForm:
    """Sign-in form with the kind of device that this browser was last time."""
    return SignInForm(**sent, device=Device.OWN if known_devices.was_own() else Device.SHARED)


def _ask_to_sign_in() -> ResponseReturnValue:
    submission = resubmission.refused()
    if submission and submission.is_text and any(text for _name, text in submission.fields):
        return _sign_in_page(_form(formdata=None), submission, 401)
    return redirect(url_for("accounts.sign_in", next=resubmission.here()), 303)


def _ask_password() -> ResponseReturnValue:
    if submission := resubmission.refused():
        return _confirm_page(_confirm_form(formdata=None), submission, 401)
    path = request.full_path if request.query_string else request.path
    way_on = tokens.sealed(path, WAY_ON)
    return redirect(url_for("accounts.confirm_password", next=way_on), 303)


def _sign_in_page(form: Form, submission: Submission | None, status: int = 200) -> tuple[str, int]:
    return render_template("accounts/sign_in.html", form=form, kept=submission), status


def _confirm_page(form: Form, submission: Submission | None, status: int = 200) -> tuple[str, int]:
    address = queries.account(current_user.id).address
    page = "accounts/confirm_password.html"
    return render_template(page, form=form, kept=submission, address=address), status
