"""Views for joining. From the second page on, forms carry the link's secret; a GET changes
nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import factor_policy, known_devices, passwords, sessions
from forum.accounts.forms import SignInForm
from forum.accounts.models import Member
from forum.circles import joining, member_names, queries
from forum.circles.forms import AccountForm, AffirmForm, ConfirmForm, JoinForm, WayInForm
from forum.circles.ground_rules import TEN, in_force
from forum.circles.joining import Newcomer, WayIn
from forum.circles.views import bp
from forum.circles.views.names import after_joining
from forum.core.db import unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound, TooMany
from forum.web import limits
from forum.web.access import public
from forum.web.errors import STATUS
from forum.web.form_keys import created_id
from forum.web.forms import Form, keeps_text
from forum.web.language import in_english
from forum.web.resubmission import Submission

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
GONE = 410
SIGN_UPS_PER_NETWORK = "60 per hour"  # attempts included
NAMES_PER_LINK = "20 per day"  # names tried; each answer reveals whether a name is in use
NAMES_PER_CIRCLE = "200 per day"  # names tried; no single link blocks others from joining


def by_link(view: View[P]) -> View[P]:
    """Mark a view as opened by a link, for anyone except the programme lead.

    Used, cancelled, expired and invented links all get an identical page.
    """
    return opened_by_secret(view, over="circles/link_gone.html")


def opened_by_secret(view: View[P], *, over: str) -> View[P]:
    """View for anyone except the programme lead. over: page of a secret that opens nothing."""

    @wraps(view)
    def opened(*args: P.args, **values: P.kwargs) -> ResponseReturnValue:
        if current_user.is_authenticated and current_user.is_programme_lead:
            raise NotFound
        try:
            return view(*args, **values)
        except NotFound:
            with in_english():  # identical for all, whatever the visitor's language
                return current_app.jinja_env.get_template(over).render(), GONE

    return opened


@bp.get("/join/<link:secret>")
@public
@by_link
def invited(secret: str) -> ResponseReturnValue:
    """Description of a circle, and its ground rules."""
    return _first_page(secret)


@bp.get("/welcome/<link:secret>")
@public
@by_link
def welcome(secret: str) -> ResponseReturnValue:
    """Description of the forum, for an invitation to open a circle."""
    return _first_page(secret)


@bp.post("/join/account")
@public
@keeps_text
@by_link
def account() -> ResponseReturnValue:
    """Second page, after the ground rules are affirmed: request an account, or confirm joining."""
    way = joining.way_in(_secret())
    form = AffirmForm()
    if not form.validate():
        return _affirm_page(way, form), 422
    return second_page(way, _carried_on(form))


@bp.post("/join/new")
@public
@keeps_text
@by_link
def sign_up() -> ResponseReturnValue:
    """Create an account and membership, or first send a confirmation email."""
    way = joining.way_in(_secret())
    form = AccountForm()
    form.validate()
    if form.csrf_token.errors or form.affirmed.errors:
        return second_page(way, form), 422
    try:
        limits.take_from_network("sign-up", SIGN_UPS_PER_NETWORK)
        if way.circle:
            limits.take("names tried", NAMES_PER_LINK, way.id)
            limits.take("names tried in all", NAMES_PER_CIRCLE, way.circle.id)
        newcomer = _newcomer(way, form)
        if joining.must_confirm(way, newcomer.address):
            with unit_of_work():
                joining.ask_to_confirm(way, newcomer, created_id())
            return render_template("circles/look_in_mail.html")
        with unit_of_work():
            way = joining.way_in(_secret())
            member = joining.sign_up(way, newcomer)
            _let_in(member)
    except (InvalidInput, TooMany, Busy) as error:
        status = refused(form, error)
        return second_page(way, form), status
    return redirect(_next(way, member.id), 303)


@bp.post("/join")
@keeps_text
@by_link
def join() -> ResponseReturnValue:
    """Join with an existing account; visitors without a session sign in first, then continue."""
    way = joining.way_in(_secret())
    form = JoinForm()
    if not form.validate():
        return second_page(way, form), 422
    try:
        with unit_of_work():
            way = joining.way_in(_secret())
            joining.join(way, current_user.id, current_user.name, form.rules_shown)
        member_names.try_bylines()
    except (InvalidInput, Busy) as error:
        status = refused(form, error)
        return second_page(way, form), status
    return redirect(_next(way, current_user.id), 303)


@bp.post("/join/sign-in")
@public
@keeps_text
@by_link
def sign_in_first() -> ResponseReturnValue:
    """Sign in with an existing account, then continue with [Join]."""
    way = joining.way_in(_secret())
    form = JoinForm()
    if current_user.is_authenticated:
        return second_page(way, form)
    fields = [(name, form[name].data or "") for name in ("token", "rules", "affirmed")]
    kept = Submission(url_for(".join"), False, tuple(fields))
    return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), kept=kept)


@bp.app_template_global()
def way_kept(kept: Submission) -> WayIn | None:
    """Link of a [Join] press carried through sign-in; None for other submissions."""
    if kept.path != url_for("circles.join"):
        return None
    try:
        return joining.way_in(dict(kept.fields).get("token", ""))
    except NotFound:  # used or cancelled meanwhile: the resubmission will report it
        return None


@bp.get("/join/confirm/<link:secret>")
@public
@by_link
def confirmation(secret: str) -> ResponseReturnValue:
    """Ask for the chosen password, so that nobody can register another person's address."""
    newcomer = joining.asked_with(secret)
    form = ConfirmForm(formdata=None)
    form.token.data = secret
    return _confirm_page(newcomer, form)


@bp.post("/join/confirm")
@public
@keeps_text
@by_link
def confirm() -> ResponseReturnValue:
    """Create the account with the proved address, and its membership."""
    secret = _secret()
    newcomer = joining.asked_with(secret)
    form = ConfirmForm()
    if form.validate():
        try:
            limits.take_from_network("sign-up", SIGN_UPS_PER_NETWORK)
            _check_password(newcomer, form.password.data or "")
            with unit_of_work():
                member, way = joining.confirm(secret)
                _let_in(member)
            return redirect(_next(way, member.id), 303)
        except (InvalidInput, TooMany, Busy) as error:
            status = refused(form, error)
            if form["name"].errors:  # taken since it was typed, and this page has no field for it
                form.form_errors.append(_("Open your invitation again to choose another name."))
            return _confirm_page(newcomer, form), status
    return _confirm_page(newcomer, form), 422


def _confirm_page(newcomer: Newcomer, form: ConfirmForm) -> str:
    return render_template("circles/confirm.html", form=form, address=newcomer.address)


def _secret() -> str:
    """Link secret from the form, read before the form object, which sets a cookie."""
    return request.form.get("token", "")


def _first_page(secret: str) -> ResponseReturnValue:
    way = joining.way_in(secret)
    form = AffirmForm(formdata=None)
    form.token.data = secret
    form.rules.data = str(in_force(way.circle.rules)) if way.circle else ""
    return _affirm_page(way, form)


def _affirm_page(way: WayIn, form: AffirmForm) -> str:
    own = queries.own_rules(way.circle.id) if way.circle else []
    return render_template("circles/invited.html", way=way, form=form, ten=TEN, own=own)


def second_page(way: WayIn, form: WayInForm) -> str:
    """Page on which an account is requested, or joining confirmed with the one that is there."""
    if not current_user.is_authenticated:
        return render_template("circles/account.html", way=way, form=form)
    inside = joining.belongs(way, current_user.id)
    return render_template("circles/join.html", way=way, form=form, inside=inside)


def _carried_on(form: AffirmForm) -> WayInForm:
    """Form of the second page, with values of the first."""
    following = (JoinForm if current_user.is_authenticated else AccountForm)(formdata=None)
    following.token.data, following.rules.data = form.token.data, form.rules.data
    following.affirmed.data = "yes"
    for name in {"email", "name"} & {each.name for each in following}:  # typed before a switch
        following[name].data = request.form.get(name, "")  # of language
    return following


def _newcomer(way: WayIn, form: AccountForm) -> Newcomer:
    """Request for an account. Raises InvalidInput with all errors that the form has not shown
    already.
    """
    address, name = joining.as_asked(way, form.email.data or "", form.name.data or "")
    kept = ""
    wrong: dict[str, str] = {}
    try:
        joining.check(way, address, name)
    except InvalidInput as error:
        wrong |= error.fields
    try:
        kept = passwords.hashed(form.password.data or "", address, name)
    except InvalidInput as error:
        wrong |= error.fields
    if wrong or form.errors:
        raise InvalidInput(**{each: text for each, text in wrong.items() if not form[each].errors})
    return Newcomer(address, name, kept, form.rules_shown)


def _let_in(member: Member) -> None:
    """Sign the newcomer in as on a shared computer, inside the unit of work that creates the
    account.
    """
    factor_policy.began(member)
    sessions.begin(member.id, own_device=False)
    known_devices.remember(member.id, own_device=False)


def refused(form: Form, error: InvalidInput | TooMany | Busy) -> int:
    """Show an error on the form; returns its status."""
    if isinstance(error, InvalidInput):
        form.refuse(error)
    else:
        form.form_errors.append(_("The service is busy. Please try again in a few minutes."))
    return STATUS[type(error)]


def _check_password(newcomer: Newcomer, password: str) -> None:
    if not passwords.matches(newcomer.password_hash, password):
        raise InvalidInput(password=_("That is not the password you chose. Try again."))


def _next(way: WayIn, member_id: UUID) -> str:
    if way.circle is None:
        return url_for(".open_circle")
    return after_joining(member_id, way.circle.id)
