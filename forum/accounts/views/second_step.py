"""The last part of signing in: six digits or a recovery code, the session, and where it leads."""

import json
from dataclasses import dataclass
from enum import Enum
from functools import partial

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from forum.accounts import (
    authentication,
    factor_policy,
    queries,
    second_factors,
    services,
    sessions,
)
from forum.accounts.authentication import VerifiedMember
from forum.accounts.factor_policy import Request
from forum.accounts.forms import SecondStepForm, SignInForm
from forum.accounts.models import EventKind
from forum.accounts.views import bp
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.errors import Busy, TooMany
from forum.web import resubmission
from forum.web.access import public
from forum.web.after_response import after_response
from forum.web.errors import STATUS, again_after
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import spoken_on
from forum.web.request_guards import long_form
from forum.web.resubmission import Submission

PLACE = "sign-in-first"  # of the sealed outcome of the first step
LIFE = 300  # seconds from password to code


class Outcome(Enum):
    """Outcome of a right password without a session."""

    CODE_NEEDED = "the account has a second factor"
    WRONG_CODE = "no factor was typed"


CODE_NEEDED = Outcome.CODE_NEEDED


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Outcome of a sign-in: a session, and its next question."""

    asks: Request | None


@bp.post("/sign-in/code")
@public
@long_form
@keeps_text
def give_code() -> ResponseReturnValue:
    """Second step of signing in."""
    form, submission = SecondStepForm(), resubmission.carried()
    known, own = _first(form.first.data)
    if known is None:
        flash(_("That took more than five minutes, or your password changed. Please start again."))
        return _again(form, submission)
    if not form.validate_on_submit():  # on a second press the token is spent, but the session open
        if current_user.is_authenticated:
            return gone_on(None, submission, form.way_on.data)
        return _page(form, submission, 422)
    tries = second_factors.tries(known.member_id, signed_in=False)
    try:
        tries.begin()
        outcome = let_in(known, own_device=own, typed=form.typed())
    except (TooMany, Busy) as error:
        form.form_errors.append(error_text(error))
        return *_page(form, submission, STATUS[type(error)]), again_after(error)
    if outcome is None or isinstance(outcome, Outcome):
        after_response(partial(services.note_later, known.member_id, EventKind.CODE_FAILED))
        form.digits.errors = [_("That was not it. Codes change every half minute.")]
        return _page(form, submission, 422)
    tries.succeeded()
    answer = gone_on(outcome, submission, form.way_on.data)
    page = resubmission.endpoint_of(getattr(answer, "location", None) or "")
    with spoken_on(page or "accounts.give_code"):
        _tell_of_codes_left(known)
    return answer


def let_in(
    known: VerifiedMember, *, own_device: bool, typed: str | None = None
) -> SignedIn | Outcome | None:
    """Begin a session after the right password, and after the right code where there is one.

    typed: the code of the second step. None if the password has changed meanwhile.
    """
    with unit_of_work():
        if not known.still_holds():
            return None
        member, kind = queries.account(known.member_id), None
        if second_factors.has_any(member):
            if typed is None:
                return Outcome.CODE_NEEDED
            kind = second_factors.use(known.member_id, typed)
            if kind is None:
                return Outcome.WRONG_CODE
        services.remember_device(known.member_id, own_device=own_device)
        asks = factor_policy.at_sign_in(member)
        sessions.begin(
            known.member_id,
            own_device=own_device,
            factor=kind or "",
            lacks_factor=asks is not None and asks.is_due,
        )
        services.note(known.member_id, EventKind.SIGNED_IN)
    return SignedIn(asks)


def page(
    known: VerifiedMember, sent: SignInForm, submission: Submission | None, *, own_device: bool
) -> ResponseReturnValue:
    """Page that asks for the code, after the right password."""
    form = SecondStepForm(formdata=None, way_on=sent.way_on.data, device=sent.device.data)
    first = json.dumps([*known.carried(), own_device, int(now().timestamp())])
    form.first.data = tokens.sealed(first, PLACE)
    return _page(form, submission)


def gone_on(
    outcome: SignedIn | Outcome | None, submission: Submission | None, way_on: str | None
) -> ResponseReturnValue:
    """Redirect after sign-in: to the page about second factors where one is asked for, else on."""
    asks = outcome.asks if isinstance(outcome, SignedIn) else None
    if asks and (asks.is_due or not submission):
        if submission and resubmission.is_for(submission):
            return render_template("accounts/lock_first.html", kept=submission)
        return redirect(url_for("accounts.lock", next=way_on or None, asked="yes"), 303)
    return go(submission, resubmission.way_back(way_on))


def go(submission: Submission | None, way_on: str | None = None) -> ResponseReturnValue:
    """Return to the form that was carried, or to a page."""
    if submission and resubmission.is_for(submission):
        return render_template("accounts/go_on.html", kept=submission)
    return redirect(way_on or url_for("discussions.home"), 303)


def error_text(error: TooMany | Busy) -> str:
    """Sentence for a wait."""
    if isinstance(error, TooMany):
        return str(
            ngettext(
                "Please wait one second, then try again.",
                "Please wait %(num)d seconds, then try again.",
                error.wait,
            )
        )
    return str(_("Many people are signing in just now. Please try again in a moment."))


def _first(sealed: str | None) -> tuple[VerifiedMember | None, bool]:
    """Member and kind of device of the first step; None for an old or foreign text."""
    plain = tokens.opened(sealed, PLACE)
    if plain is None:
        return None, False
    member_id, hash_digest, own, at = json.loads(plain)
    if not 0 <= now().timestamp() - at <= LIFE:
        return None, False
    return authentication.carried(member_id, hash_digest), own


def _page(
    form: SecondStepForm, submission: Submission | None, status: int = 200
) -> tuple[str, int]:
    return render_template("accounts/second_step.html", form=form, kept=submission), status


def _again(form: SecondStepForm, submission: Submission | None) -> ResponseReturnValue:
    anew = SignInForm(formdata=None, way_on=form.way_on.data)
    return render_template("accounts/sign_in.html", form=anew, kept=submission), 401


def _tell_of_codes_left(known: VerifiedMember) -> None:
    left = second_factors.codes_left(known.member_id)
    if left == 0:  # singular in French, where nought is
        flash(
            _("You have used your last recovery code. Make new ones on the page “One more lock”.")
        )
    elif left <= second_factors.FEW:
        flash(
            ngettext(
                "You have one recovery code left. Make new ones on the page “One more lock”.",
                "You have %(num)d recovery codes left. Make new ones on the page “One more lock”.",
                left,
            )
        )
