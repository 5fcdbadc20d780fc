"""Passkeys: made and taken away on "One more lock", used to sign in, and given again."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import (
    factor_policy,
    passkeys,
    queries,
    second_factors,
    services,
    sessions,
    webauthn,
)
from forum.accounts.forms import CodeForm, Device, PasskeyAnswerForm, PasskeyForm, SignInForm
from forum.accounts.models import EventKind
from forum.accounts.second_factors import Factor, Setup
from forum.accounts.views import bp, second_factor, second_step, sign_in
from forum.accounts.webauthn import Ceremony, Refused
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.web import limits, resubmission
from forum.web.access import (
    any_account,
    fresh_factor,
    has_fresh_factor,
    is_own_device,
    public,
    without_factor,
)
from forum.web.flash import flash
from forum.web.forms import Form, keeps_text
from forum.web.request_guards import long_form
from forum.web.resubmission import Submission

TRIES = "60 per minute; 600 per hour"  # from a network; a signature cannot be guessed
HANDLE = "passkey-handle"  # place of the sealed handle


@bp.post("/account/lock/passkey")
@any_account
@without_factor
@fresh_factor
@long_form
@keeps_text
def add_passkey() -> ResponseReturnValue:
    """Ask the browser for a new passkey, then add it. Not on a shared computer."""
    if not (webauthn.is_possible() and is_own_device()):
        raise NotFound
    form, submission = PasskeyForm(), resubmission.carried()
    setup = Setup.opened(form.setup.data, current_user.id)
    if setup is None and form.setup.data:  # over half an hour old
        form.form_errors.append(_("The passkey could not be added. Please try again."))
        return _make_page(form, submission, 422)
    if setup is None or not form.validate_on_submit():
        return _make_page(form, submission, 422 if setup else 200)
    try:
        handle = bytes.fromhex(tokens.opened(form.handle.data, _handle_place()) or "")
        new = passkeys.made(
            current_user.id,
            form.challenge.data,
            form.answer.data,
            handle=handle,
            name=form.name.data or "",
        )
        with unit_of_work():
            is_added, is_first = second_factors.add_passkey(setup, new)
            if is_added:  # a second press has a token that the first replaced
                services.note(current_user.id, EventKind.FACTOR_CHANGED)
                sessions.factor_changed(Factor.PASSKEY, lacks_factor=False)
    except InvalidInput as error:
        form.refuse(error)
        return _make_page(form, submission, 422)
    except Refused:
        form.form_errors.append(_("The passkey could not be added. Please try again."))
        return _make_page(form, submission, 422)
    if is_first:
        return second_factor.codes_page(setup, submission, form.way_on.data)
    flash(_("The passkey is added."))
    return redirect(url_for(".lock"), 303)


@bp.route("/account/lock/passkey/<uuid:passkey_id>/off", methods=["GET", "POST"])
@any_account
@fresh_factor
def take_away_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Take a passkey away; other sessions end."""
    form = Form()
    known = passkeys.listed(queries.account(current_user.id))
    here = [each for each in known if each.id == passkey_id]
    if not form.validate_on_submit():
        if not here:
            return redirect(url_for(".lock"), 303)
        return render_template("accounts/passkey_off.html", form=form, passkey=here[0])
    with unit_of_work():
        is_gone = second_factors.take_away_passkey(current_user.id, passkey_id)
        if is_gone:
            services.note(current_user.id, EventKind.FACTOR_CHANGED)
            asks = factor_policy.asked(queries.account(current_user.id))
            sessions.factor_changed("", lacks_factor=asks is not None and asks.is_due)
    flash(
        _("The passkey is removed, and your other devices are signed out.")
        if is_gone
        else _("This list has changed since you opened it. Here it is as it is now.")
    )
    return redirect(url_for(".lock"), 303)


@bp.post("/sign-in/passkey")
@public
@long_form
@keeps_text
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone, which is both factors."""
    form, submission = PasskeyAnswerForm(), resubmission.carried()
    if not form.validate_on_submit():
        if current_user.is_authenticated:  # a second press
            return second_step.gone_on(None, submission, form.way_on.data)
        return _refused_sign_in(form, submission)
    limits.take_from_network("passkey", TRIES)
    own = form.device.data == Device.OWN
    try:
        answer = webauthn.answered(form.challenge.data, form.answer.data, Ceremony.SIGN_IN)
        with unit_of_work():
            member_id = second_factors.by_passkey(answer)
            services.remember_device(member_id, own_device=own)
            asks = factor_policy.at_sign_in(queries.account(member_id))
            sessions.begin(member_id, own_device=own, factor=Factor.PASSKEY)
            services.note(member_id, EventKind.SIGNED_IN)
    except Refused:
        return _refused_sign_in(form, submission)
    return second_step.gone_on(second_step.SignedIn(asks), submission, form.way_on.data)


@bp.post("/account/confirm/passkey")
@any_account
@without_factor
@long_form
@keeps_text
def confirm_by_passkey() -> ResponseReturnValue:
    """Give a passkey again, then return to the requested page."""
    form, submission = PasskeyAnswerForm(), resubmission.carried()
    if not form.validate_on_submit():
        return _refused_again(form, submission)
    whose = str(current_user.id)
    try:
        answer = webauthn.answered(form.challenge.data, form.answer.data, Ceremony.AGAIN, whose)
        second_factors.passkey_given_again(current_user.id, answer)
    except Refused:
        if not has_fresh_factor():  # a second press finds its challenge used
            return _refused_again(form, submission)
    places = (second_factor.WAY_ON, sign_in.WAY_ON)
    ways = [tokens.opened(form.way_on.data, place) for place in places]
    return second_step.go(submission, ways[0] or ways[1] or url_for(".lock"))


def _make_page(form: PasskeyForm, submission: Submission | None, status: int) -> tuple[str, int]:
    member = queries.account(current_user.id)
    question, handle = passkeys.question_to_make(member)
    if Setup.opened(form.setup.data, member.id) is None:
        form.setup.data = Setup.new(member.id).sealed()
    form.handle.data = tokens.sealed(handle, _handle_place())
    form.challenge.data, form.answer.data = question.challenge, ""
    form.name.data = form.name.data or _("This device")
    shown = render_template(
        "accounts/lock_passkey.html", form=form, kept=submission, options=question.options
    )
    return shown, status


def _refused_sign_in(form: PasskeyAnswerForm, submission: Submission | None) -> tuple[str, int]:
    anew = SignInForm(formdata=None, way_on=form.way_on.data, device=form.device.data)
    anew.form_errors = [_("That passkey did not work here. Try again, or use your password.")]
    return render_template("accounts/sign_in.html", form=anew, kept=submission), 422


def _refused_again(form: PasskeyAnswerForm, submission: Submission | None) -> tuple[str, int]:
    anew = CodeForm(formdata=None, way_on=form.way_on.data)
    anew.form_errors.append(_("That passkey did not work here. Please try again."))
    return second_factor.confirm_page(anew, submission, 422)


def _handle_place() -> str:
    return f"{HANDLE}|{current_user.id}"
