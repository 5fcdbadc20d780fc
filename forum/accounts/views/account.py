"""Account page: address, password, sessions, recent events."""

from datetime import date
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import (
    account_recovery,
    authentication,
    factor_policy,
    links,
    passwords,
    queries,
    second_factors,
    services,
    sessions,
)
from forum.accounts.authentication import VerifiedMember
from forum.accounts.forms import AddressForm, ChangePasswordForm, EmergencyForm, NewAddressForm
from forum.accounts.models import EventKind, Purpose
from forum.accounts.second_factors import Factor
from forum.accounts.views import bp
from forum.core.clock import is_zone
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound, TooMany
from forum.mail.queries import is_on
from forum.web import limits, zones
from forum.web.access import any_account, fresh_password, has_fresh_factor
from forum.web.flash import flash
from forum.web.forms import Form, keeps_text
from forum.web.zones import ZoneForm

CHANGES_PER_MEMBER = "20 per day"  # of address; with mail off, a refusal reveals an address in use
EVENT_TEXTS = {
    EventKind.SIGNED_IN: lazy_gettext("You signed in."),
    EventKind.SIGN_IN_FAILED: lazy_gettext("A wrong password was entered for your account."),
    EventKind.PASSWORD_CHANGED: lazy_gettext("Your password was changed."),
    EventKind.PASSWORD_RESET: lazy_gettext("Your password was reset with a link."),
    EventKind.ADDRESS_CHANGED: lazy_gettext("Your email address was changed."),
    EventKind.SESSIONS_ENDED: lazy_gettext("You signed out other devices."),
    EventKind.CODE_FAILED: lazy_gettext("A wrong code was entered after your password."),
    EventKind.FACTOR_CHANGED: lazy_gettext("Your second lock was changed."),
    EventKind.WORDS_TAKEN_ALONG: lazy_gettext("You downloaded a copy of your posts."),
}

FACTOR_TEXTS = {  # by OpenSession.factor
    Factor.APP: lazy_gettext("password and six digits"),
    Factor.PASSKEY: lazy_gettext("passkey"),
    Factor.RECOVERY: lazy_gettext("password and a recovery code"),
    "": lazy_gettext("password alone"),
}


@bp.get("/account")
@any_account
def overview() -> str:
    """Account settings, sessions and events on one page."""
    return render_template(
        "accounts/overview.html",
        member=queries.account(current_user.id),
        sessions=queries.sessions_of(current_user.id, current_user.zone),
        is_this=sessions.is_this,
        events_by_day=queries.events_by_day(current_user.id),
        event_texts=EVENT_TEXTS,
        factor_texts=FACTOR_TEXTS,
        has_factor=second_factors.has_any(queries.account(current_user.id)),
        factor_asked=factor_policy.asked(queries.account(current_user.id)),
        on_day=_on_day,
        zone_is_known=is_zone(current_user.timezone),
    )


@bp.route("/account/password", methods=["GET", "POST"])
@any_account
def change_password() -> ResponseReturnValue:
    """Change the password, given the old password; all sessions elsewhere end."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            known = _check(old_password=form.old_password.data or "")
            member = queries.account(current_user.id)
            new = passwords.hashed(form.password.data or "", member.address, member.name)
            with unit_of_work():
                _check_still(old_password=known)
                services.change_password(current_user.id, new)
                sessions.end_others(current_user.id)
                sessions.renew()
            flash(_("Your password is changed, and other devices are signed out."))
            return redirect(url_for(".overview"), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _page("accounts/change_password.html", form)


@bp.route("/account/address", methods=["GET", "POST"])
@any_account
def change_address() -> ResponseReturnValue:
    """Change the mail address; with mail on, confirmed through a link sent there. No password is
    asked of who gave a second factor just now."""
    form = NewAddressForm() if has_fresh_factor() else AddressForm()
    if form.validate_on_submit():
        try:
            limits.take("change of address", CHANGES_PER_MEMBER, current_user.id)
            known = (
                _check(password=form.password.data or "") if isinstance(form, AddressForm) else None
            )
            _change_address(form.address.data or "", known)
            return redirect(url_for(".overview"), 303)
        except InvalidInput as error:
            form.refuse(error)
        except TooMany:
            form.form_errors.append(
                _("You have changed this many times today. Try again tomorrow.")
            )
    return _page("accounts/change_address.html", form)


@bp.route("/account/address/<link:secret>", methods=["GET", "POST"])
@any_account
@keeps_text
def confirm_address(secret: str) -> ResponseReturnValue:
    """Confirm a new address through a link. GET changes nothing."""
    form = Form()
    try:
        link = links.find(secret, Purpose.CONFIRM_ADDRESS)
        if link.member_id != current_user.id:
            raise NotFound
        if form.validate_on_submit():
            with unit_of_work():
                services.confirm_address(current_user.id, secret)
            flash(_("Your email address is changed. Use it next time you sign in."))
            return redirect(url_for(".overview"), 303)
    except (NotFound, InvalidInput):  # the address may be in use by now
        again = url_for(".change_address")
        return render_template("accounts/link_is_gone.html", again=again), 410
    address = link.payload["address"]
    return render_template("accounts/confirm_address.html", form=form, address=address)


@bp.route("/account/timezone", methods=["GET", "POST"])
@any_account
def change_timezone() -> ResponseReturnValue:
    """Change the time zone in which days are shown: a region, then a place in it."""
    form, region = ZoneForm(), zones.region_asked()
    form.offer(region, current_user.timezone)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                services.new_timezone(current_user.id, form.timezone.data)
            flash(_("Time zone saved."))
            return redirect(url_for(".overview"), 303)
        except InvalidInput as error:
            form.refuse(error)
    shown = render_template("accounts/timezone.html", form=form, region=region)
    return shown, 422 if form.errors else 200


@bp.route("/account/emergency", methods=["GET", "POST"])
@fresh_password
def emergency() -> ResponseReturnValue:
    """Set or remove the telephone for an emergency, which no page shows to anybody else."""
    form = EmergencyForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                services.new_emergency_contact(current_user.id, form.emergency_contact.data or "")
            flash(_("Saved."))
            return redirect(url_for(".overview"), 303)
        except InvalidInput as error:
            form.refuse(error)
    else:
        form.emergency_contact.data = queries.account(current_user.id).emergency_contact
    return render_template("accounts/emergency.html", form=form), 422 if form.errors else 200


@bp.post("/account/sessions/<uuid:session_id>/end")
@any_account
@fresh_password
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Sign another device out, or show the list anew where it has changed."""
    with unit_of_work():
        is_ended = sessions.end_one(current_user.id, session_id)
        if is_ended:
            services.note(current_user.id, EventKind.SESSIONS_ENDED)
    if not is_ended:
        flash(_("This list has changed since you opened it. Here it is as it is now."))
    return redirect(url_for(".overview"), 303)


@bp.post("/account/sessions/end-others")
@any_account
@fresh_password
def end_other_sessions() -> ResponseReturnValue:
    """Sign all other devices out."""
    with unit_of_work():
        sessions.end_others(current_user.id)
        services.note(current_user.id, EventKind.SESSIONS_ENDED)
    return redirect(url_for(".overview"), 303)


def _check(**given: str) -> VerifiedMember:
    [(field, password)] = given.items()
    known = authentication.again(current_user.id, password)
    if known is None:
        raise InvalidInput(**{field: _("That password is not right. Try again.")})
    return known


def _check_still(**given: VerifiedMember | None) -> None:
    """Inside the unit of work: raise InvalidInput if password or session has ended meanwhile."""
    [(field, known)] = given.items()
    holds = known is None or known.still_holds()
    if not (holds and sessions.is_alive()):
        raise InvalidInput(**{field: _("That password is not right. Try again.")})


def _change_address(address: str, known: VerifiedMember | None) -> None:
    with unit_of_work():
        account_recovery.locked(current_user.id)  # the log's lock comes before the account's alone
        _check_still(password=known)
        if is_on():
            services.ask_address(current_user.id, address)
        else:
            services.change_address(current_user.id, address)
    if is_on():
        flash(_("We have sent a link to the new address. Nothing changes until you open it."))
    else:
        flash(_("Your email address is changed. Use it next time you sign in."))


def _on_day(day: date) -> str:
    return str(format_date(day, "EEEE d MMMM", rebase=False))


def _page(name: str, form: Form) -> ResponseReturnValue:
    address = queries.account(current_user.id).address
    shown = render_template(name, form=form, address=address, mail_is_on=is_on())
    return shown, 422 if form.errors else 200
