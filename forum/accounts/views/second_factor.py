"""The page "One more lock": adding and taking away second factors, new recovery codes."""

from datetime import date

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import (
    account_recovery,
    factor_policy,
    passkeys,
    queries,
    recovery_codes,
    second_factors,
    services,
    sessions,
    totp,
    webauthn,
)
from forum.accounts.factor_policy import Request
from forum.accounts.forms import AppForm, CodeForm
from forum.accounts.models import EventKind
from forum.accounts.recovery_states import CAN_BE_STOPPED, FOR_AN_ADDRESS, RecoveryState
from forum.accounts.second_factors import Factor, Setup
from forum.accounts.views import bp, second_step
from forum.accounts.webauthn import Ceremony, Question
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.web import resubmission
from forum.web.access import (
    PAGES,
    FactorPages,
    any_account,
    fresh_factor,
    has_fresh_factor,
    is_own_device,
    without_factor,
)
from forum.web.errors import STATUS, again_after
from forum.web.flash import flash
from forum.web.forms import Form, keeps_text
from forum.web.request_guards import long_form
from forum.web.resubmission import Submission

TYPED = ("title", "body")  # fields with words of the writer; those of a template come besides
WAY_ON = "factor-way-on"  # place of the sealed target
FOR_PAGE = "page"  # that is asked for, and opens with a second factor alone


def init_app(app: Flask) -> None:
    """Let every page ask for a second factor."""
    app.extensions[PAGES] = FactorPages(
        _has_factor, _ask_again, _add_first, _add_for_page, _hidden_is_closed
    )
    app.jinja_env.globals |= {
        "sign_in_question": lambda: _question(Ceremony.SIGN_IN),
        "again_question": _question_again,
    }


@bp.get("/account/lock")
@any_account
@without_factor
def lock() -> str:
    """Second factors of the account, and what is asked for."""
    member, asked = queries.account(current_user.id), request.args.get("asked", "")
    return render_template(
        "accounts/lock.html",
        has_app=bool(member.totp_secret),
        passkeys=passkeys.listed(member),
        offers_passkey=webauthn.is_possible() and is_own_device(),
        in_month=_in_month,
        codes_left=recovery_codes.left(member.recovery_digests),
        few=second_factors.FEW,
        asks=_asks(),
        way_on=resubmission.asked_way(),
        later=_later(asked),
        is_asked=bool(asked),
        is_for_page=asked == FOR_PAGE,
    )


@bp.post("/account/lock/app")
@any_account
@without_factor
@fresh_factor
@long_form
@keeps_text
def add_app() -> ResponseReturnValue:
    """Show a QR code; with the app's first digits, add it and show the recovery codes."""
    form, submission = AppForm(), resubmission.carried()
    if not form.validate_on_submit() or not form.setup.data:
        return _app_page(form, submission, Setup.new(current_user.id))
    setup = Setup.opened(form.setup.data, current_user.id)
    if setup is None:
        flash(_("That took too long. Here is a new code to scan."))
        return _app_page(form, submission, Setup.new(current_user.id))
    try:
        with unit_of_work():
            # a second press has a token that the first replaced
            if second_factors.add_app(setup, form.digits.data or ""):
                services.note(current_user.id, EventKind.FACTOR_CHANGED)
                sessions.factor_changed(Factor.APP, lacks_factor=False)
    except InvalidInput as error:
        form.refuse(error)
        return _app_page(form, submission, setup, 422)
    return codes_page(setup, submission, form.way_on.data)


@bp.route("/account/lock/app/off", methods=["GET", "POST"])
@any_account
@fresh_factor
def take_away_app() -> ResponseReturnValue:
    """Remove the app; other sessions end."""
    form = Form()
    if not form.validate_on_submit():
        return render_template("accounts/lock_off.html", form=form)
    with unit_of_work():
        if second_factors.take_away_app(current_user.id):
            services.note(current_user.id, EventKind.FACTOR_CHANGED)
            asks = _asks()
            sessions.factor_changed("", lacks_factor=asks is not None and asks.is_due)
    flash(_("The app is removed, and your other devices are signed out."))
    return redirect(url_for(".lock"), 303)


@bp.route("/account/lock/codes", methods=["GET", "POST"])
@any_account
@fresh_factor
def new_codes() -> ResponseReturnValue:
    """Replace the recovery codes, and show the new ones once."""
    form = AppForm()
    if not _has_factor():
        return redirect(url_for(".lock"), 303)
    if form.validate_on_submit() and (setup := Setup.opened(form.setup.data, current_user.id)):
        with unit_of_work():
            second_factors.new_recovery_codes(setup)
            sessions.require_alive()
            services.note(current_user.id, EventKind.FACTOR_CHANGED)
        return codes_page(setup, None, "")
    form.setup.data = Setup.new(current_user.id).sealed()
    return render_template("accounts/new_codes.html", form=form)


@bp.route("/account/lock/confirm", methods=["GET", "POST"])
@any_account
@without_factor
@long_form
@keeps_text
def confirm_factor() -> ResponseReturnValue:
    """Give a second factor again, then return to the requested page."""
    form, submission = CodeForm(), resubmission.carried()
    if not form.validate_on_submit():
        form.way_on.data = form.way_on.data or resubmission.asked_way(WAY_ON)
        return confirm_page(form, submission, 422 if form.errors else 200)
    try:
        right = second_factors.given_again(current_user.id, form.typed())
    except TooMany as error:
        form.form_errors.append(second_step.error_text(error))
        return *confirm_page(form, submission, STATUS[TooMany]), again_after(error)
    if not (right or has_fresh_factor()):  # a second press finds its code used
        form.digits.errors = [_("That was not it. Codes change every half minute.")]
        return confirm_page(form, submission, 422)
    way_on = tokens.opened(form.way_on.data, WAY_ON)
    return second_step.go(submission, way_on or url_for(".lock"))


@bp.post("/account/lock/not-me")
@any_account
@without_factor
def stop_recovery() -> ResponseReturnValue:
    """Stop the recovery of the member's own account, also before a factor that is due is added."""
    with unit_of_work():
        before = account_recovery.stop(current_user.id)
    flash(_stopped(before))
    return redirect(url_for(".overview"), 303)


def _stopped(before: RecoveryState) -> str:
    """Sentence on a recovery stopped by the owner. before: the state until then."""
    if before in FOR_AN_ADDRESS:
        return str(
            _("It is stopped. Your email address stays as it is. Please tell the programme lead.")
        )
    if before in CAN_BE_STOPPED:
        return str(_("It is stopped. Your second lock stays on. Please tell the programme lead."))
    if before is RecoveryState.STOPPED:
        return str(_("It is stopped already. Please tell the programme lead."))
    return str(_("There is nothing to stop any more. Please tell the programme lead."))


@bp.post("/account/lock/done")
@any_account
@long_form
@keeps_text
def lock_done() -> ResponseReturnValue:
    """Return from the recovery codes to the form that was carried, or to a page."""
    form = CodeForm()
    return second_step.go(resubmission.carried(), resubmission.way_back(form.way_on.data))


def _question(ceremony: Ceremony, whose: str = "") -> Question | None:
    """Question to a browser for a passkey; None where the site's address can have none."""
    return webauthn.question_to_sign(ceremony, whose) if webauthn.is_possible() else None


def _question_again() -> Question | None:
    has_passkey = passkeys.has_any(queries.account(current_user.id))
    return _question(Ceremony.AGAIN, str(current_user.id)) if has_passkey else None


def _in_month(month: str) -> str:
    """A month such as "2026-03" in words."""
    return str(format_date(date.fromisoformat(f"{month}-01"), "MMMM y", rebase=False))


def _asks() -> Request | None:
    return factor_policy.asked(queries.account(current_user.id))


def _has_factor() -> bool:
    return second_factors.has_any(queries.account(current_user.id))


def _ask_again() -> ResponseReturnValue:
    if submission := resubmission.refused():
        return confirm_page(CodeForm(formdata=None), submission, 401)
    path = request.full_path if request.query_string else request.path
    return redirect(url_for("accounts.confirm_factor", next=tokens.sealed(path, WAY_ON)), 303)


def _add_first() -> ResponseReturnValue:
    """Answer to every other page while a factor is missing; typed text is carried along."""
    return _to_lock("yes")


def _add_for_page() -> ResponseReturnValue:
    """Answer to a page that opens with a factor alone; typed text is carried along."""
    return _to_lock(FOR_PAGE)


def _to_lock(asked: str) -> ResponseReturnValue:
    submission = resubmission.refused()
    if submission and submission.is_text:
        return render_template("accounts/lock_first.html", kept=submission), 401
    return redirect(url_for("accounts.lock", next=resubmission.here(), asked=asked), 303)


def _later(asked: str) -> str:
    """Address of the page for whoever adds no factor now: not one that would send them back."""
    way_on = "" if asked == FOR_PAGE else resubmission.way_back(resubmission.asked_way())
    return way_on or url_for("discussions.home")


def _hidden_is_closed() -> ResponseReturnValue:
    """Page in place of hidden posts and drafts, after a recovery; typed text stands on it."""
    names = [name for name in request.form if name in TYPED or name.startswith("field_")]
    typed = [request.form[name] for name in names if request.form[name]]
    return render_template("accounts/hidden_is_closed.html", typed=typed), 403


def _app_page(
    form: AppForm, submission: Submission | None, setup: Setup, status: int = 200
) -> ResponseReturnValue:
    form.setup.data, form.digits.data = setup.sealed(), ""
    shown = render_template(
        "accounts/lock_app.html",
        form=form,
        kept=submission,
        uri=totp.uri(setup.secret),
        in_groups=recovery_codes.in_groups(totp.in_letters(setup.secret)),
    )
    return shown, status


def codes_page(
    setup: Setup, submission: Submission | None, way_on: str | None
) -> ResponseReturnValue:
    """Page that shows the recovery codes, once."""
    return render_template(
        "accounts/recovery_codes.html",
        codes=[recovery_codes.in_groups(code) for code in setup.codes],
        kept=submission,
        form=CodeForm(formdata=None, way_on=way_on),
    )


def confirm_page(
    form: CodeForm, submission: Submission | None, status: int = 200
) -> tuple[str, int]:
    """Page that asks for a second factor again."""
    return render_template("accounts/confirm_factor.html", form=form, kept=submission), status
