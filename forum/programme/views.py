"""Views of the programme lead, none with access to a circle."""

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from forum.accounts import account_recovery, factor_policy, passwords, sessions
from forum.accounts.queries import account as account_of
from forum.audit import queries as audit
from forum.audit.models import SERVICE
from forum.audit.phrases import sentence
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.mail import outbox
from forum.mail import queries as mail_queries
from forum.programme import queries, services
from forum.programme.forms import (
    AccountAction,
    AccountForm,
    InviteForm,
    LeadForm,
    SetUpForm,
    TestMailForm,
)
from forum.programme.services import NewAccount
from forum.web import limits, resubmission
from forum.web.access import factor_required, lead_only, public
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import Form, keeps_text
from forum.web.paging import page_asked

bp = Blueprint("programme", __name__)

TEST_MAILS = "10 per hour"  # from a network
DONE = {
    AccountAction.SUSPEND: lazy_gettext(
        "If that address has an account, it is suspended and signed out everywhere."
    ),
    AccountAction.RESTORE: lazy_gettext("If that address has an account, it can sign in again."),
}


@bp.route("/set-up/<link:secret>", methods=["GET", "POST"])
@public
@keeps_text
def set_up(secret: str) -> ResponseReturnValue:
    """Create the first account, the programme lead's. GET changes nothing."""
    queries.check_set_up(secret)
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            leading, own = _hashed(form)
            with unit_of_work():
                lead = services.set_up(secret, leading, own)
                factor_policy.began_without_later(lead)
                sessions.begin(lead.id, own_device=False, lacks_factor=True)
            if own:
                flash(
                    _(
                        "Your own account is there too. To take part, sign out, then sign in with"
                        " %(address)s.",
                        address=own.address,
                    )
                )
            return redirect(
                url_for(
                    "accounts.lock", next=resubmission.sealed_way(url_for(".invite", first="yes"))
                ),
                303,
            )
        except InvalidInput as error:
            form.refuse(error)
    return _set_up_page(secret, form, TestMailForm(formdata=None))


@bp.post("/set-up/<link:secret>/mail")
@public
@keeps_text
def set_up_mail(secret: str) -> ResponseReturnValue:
    """Send a test email, and show the set-up page with the outcome."""
    queries.check_set_up(secret)
    form, said = TestMailForm(), ""
    if queries.settings().mail_is_on and form.validate_on_submit():
        try:
            limits.take_from_network("test mail", TEST_MAILS)
            said = _outcome(services.test_mail(form.test_address.data or ""))
        except InvalidInput as error:
            form.refuse(error)
    return _set_up_page(secret, SetUpForm(formdata=None), form, said)


@bp.route("/lead/<link:secret>", methods=["GET", "POST"])
@public
@keeps_text
def become_lead(secret: str) -> ResponseReturnValue:
    """Create the account of a further programme lead. GET changes nothing."""
    hands_over = queries.check_lead_link(secret)
    form = LeadForm()
    if form.validate_on_submit():
        address, name = form.address.data or "", form.name.data or ""
        try:
            hashed = passwords.hashed(form.password.data or "", address, name)
            with unit_of_work():
                lead = services.become_lead(secret, NewAccount(address, name, hashed))
                factor_policy.began_without_later(lead)
                sessions.begin(lead.id, own_device=False, lacks_factor=True)
            return redirect(url_for("accounts.lock"), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _form_page("programme/become_lead.html", form, takes_over=hands_over is not None)


@bp.post("/service/mail/test")
@lead_only
def test_mail() -> ResponseReturnValue:
    """Send a test email to the programme lead."""
    if queries.settings().mail_is_on:
        limits.take_from_network("test mail", TEST_MAILS)
        flash(_outcome(services.test_mail(account_of(current_user.id).address)))
    return redirect(url_for(".overview"), 303)


@bp.get("/service")
@lead_only
def overview() -> str:
    """Figures, settings and pending invitations."""
    return render_template(
        "programme/overview.html",
        numbers=queries.numbers(),
        settings=queries.settings(),
        pending=queries.pending(),
        vouched_for=len(account_recovery.vouched_for()),
    )


@bp.get("/service/log")
@lead_only
def log() -> str:
    """Service log, newest line first, 50 a page."""
    page = page_asked()
    entries, last = audit.page(SERVICE, page)
    if page > last:
        raise NotFound
    shown = {"entries": entries, "sentence": sentence, "head": audit.head(SERVICE)}
    return render_template("programme/log.html", page=page, last=last, **shown)


@bp.route("/service/invite", methods=["GET", "POST"])
@lead_only
@keeps_text
def invite() -> ResponseReturnValue:
    """Invite someone to open a circle, by email if mail is on."""
    form = InviteForm()
    if queries.settings().mail_is_on and form.validate_on_submit():
        try:
            with unit_of_work():
                sent = services.invite(form.address.data or "")
            flash(
                _("The invitation is on its way.")
                if sent
                else _("They already have an invitation, so we did not send another.")
            )
            return redirect(url_for(".overview"), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _form_page("programme/invite.html", form, first="first" in request.args)


@bp.post("/service/invitations")
@lead_only
def copy_link() -> str:
    """Show a service invitation once, as a link to copy."""
    with unit_of_work():
        link = services.invitation(created_id())
    return render_template("programme/link.html", link=link)


@bp.post("/service/invitations/<uuid:link_id>/take-back")
@lead_only
def cancel_invitation(link_id: UUID) -> ResponseReturnValue:
    """Cancel a service invitation; idempotent."""
    with unit_of_work():
        services.cancel_invitation(link_id)
    flash(_("Invitation cancelled. Its link no longer works."))
    return redirect(url_for(".overview"), 303)


@bp.get("/service/mail")
@lead_only
def mail() -> str:
    """Emails that failed or may not have arrived, without recipient and content."""
    return render_template("programme/mail.html", trouble=mail_queries.trouble())


@bp.post("/service/mail/<uuid:email_id>/again")
@lead_only
def send_again(email_id: UUID) -> ResponseReturnValue:
    """Resend an email whose delivery is unknown."""
    with unit_of_work():
        outbox.send_again(email_id)
    flash(_("Sent again."))
    return redirect(url_for(".mail"), 303)


@bp.post("/service/mail/<uuid:email_id>/forget")
@lead_only
def forget_email(email_id: UUID) -> ResponseReturnValue:
    """Delete an undeliverable email."""
    with unit_of_work():
        outbox.forget(email_id)
    return redirect(url_for(".mail"), 303)


@bp.route("/service/accounts", methods=["GET", "POST"])
@lead_only
@keeps_text
def account() -> ResponseReturnValue:
    """Suspend or restore an account. The response is equal for unknown addresses."""
    form = AccountForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                _act(form.act.data, form.address.data or "")
            flash(str(DONE[form.act.data]))
            return redirect(url_for(".account"), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _form_page("programme/account.html", form)


@bp.get("/service/help-back-in")
@lead_only
@factor_required
def help_back_in() -> str:
    """Accounts that were vouched for a day ago, to be helped back in."""
    return render_template("programme/help_back_in.html", waiting=account_recovery.vouched_for())


@bp.post("/service/help-back-in/<uuid:row_id>/<any(confirm, refuse):act>")
@lead_only
@factor_required
def decide_on_help(row_id: UUID, act: str) -> ResponseReturnValue:
    """Take off the second factors of an account that was vouched for, or leave them on."""
    with unit_of_work():
        decide = account_recovery.confirm if act == "confirm" else account_recovery.refuse
        is_done = decide(row_id)
    taken_off = _(
        "The second lock is off. They can sign in with their password, and add a new one."
    )
    if is_done:
        flash(taken_off if act == "confirm" else _("The second lock stays on."))
    else:
        flash(_("This list has changed since you opened it. Here it is as it is now."))
    return redirect(url_for(".help_back_in"), 303)


def _hashed(form: SetUpForm) -> tuple[NewAccount, NewAccount | None]:
    """Both accounts of the set-up form, hashed. Raises InvalidInput (by field), and Busy."""
    name, address = form.name.data or "", form.address.data or ""
    leading = NewAccount(address, name, passwords.hashed(form.password.data or "", address, name))
    if not form.second.data:
        return leading, None
    try:
        own = form.second_address.data or ""
        hashed = passwords.hashed(form.second_password.data or "", own, name)
    except InvalidInput as error:
        raise InvalidInput(second_password=error.fields["password"]) from error
    return leading, NewAccount(own, name, hashed)


def _outcome(told: services.SentBy | str) -> str:
    if told is services.SentBy.PAGE:
        return str(_("The mail server took a test email. See that it arrives; look in Spam too."))
    if told is services.SentBy.WORKER:
        return str(
            _(
                "The pages here cannot reach the mail server themselves, so the test"
                " email leaves with all others, within a minute. See that it arrives; look in Spam"
                " too."
            )
        )
    return str(
        _(
            "The test email could not be sent (%(problem)s). Check the MAIL settings of this"
            " server.",
            problem=told,
        )
    )


def _set_up_page(
    secret: str, form: SetUpForm, mail_form: TestMailForm, said: str = ""
) -> ResponseReturnValue:
    shown = {"mail_form": mail_form, "secret": secret, "said": said}
    key_file = current_app.config["ROOT_KEY_FILE"]
    page = render_template(
        "programme/set_up.html", form=form, settings=queries.settings(), key_file=key_file, **shown
    )
    return page, 422 if form.errors or mail_form.errors else 200


def _act(act: AccountAction, address: str) -> None:
    if act is AccountAction.SUSPEND:
        services.suspend(current_user.id, address)
    else:
        services.restore(address)


def _form_page(page: str, form: Form, **shown: object) -> ResponseReturnValue:
    status = 422 if form.is_submitted() else 200
    return render_template(page, form=form, settings=queries.settings(), **shown), status
