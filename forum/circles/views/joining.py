"""Coming in. The link's secret travels in forms from the second page on; a GET changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import known_devices, passwords, sessions
from forum.accounts.forms import SignInForm
from forum.accounts.models import Member
from forum.circles import joining, member_names, queries
from forum.circles.forms import AccountForm, AffirmForm, ConfirmForm, JoinForm, WayInForm
from forum.circles.ground_rules import TEN
from forum.circles.joining import Newcomer, WayIn
from forum.circles.views import bp
from forum.core.db import unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound, TooMany
from forum.web import limits
from forum.web.access import public
from forum.web.errors import STATUS
from forum.web.forms import Form, keeps_text
from forum.web.language import in_english
from forum.web.resubmission import Kept

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
GONE = 410
OFTEN_ENOUGH = "60 per hour"  # accounts begun, or tried to, from one network
NAMES_TRIED = "20 per day"  # with one link: each answer tells whether somebody goes by that name
NAMES_TRIED_IN_ALL = "200 per day"  # in one circle: no single link keeps others from joining


def by_link(view: View[P]) -> View[P]:
    """Mark a view that a link opens, for anyone but the programme lead.

    A link that was used, taken back, has expired or never was: for each the same page.
    """

    @wraps(view)
    def opened(*args: P.args, **values: P.kwargs) -> ResponseReturnValue:
        if current_user.is_authenticated and current_user.is_programme_lead:
            raise NotFound
        try:
            return view(*args, **values)
        except NotFound:
            with in_english():  # alike for all, whatever was begun in another language
                gone = current_app.jinja_env.get_template("circles/link_gone.html").render()
            return gone, GONE

    return opened


@bp.get("/join/<secret>")
@public
@by_link
def invited(secret: str) -> ResponseReturnValue:
    """What a circle is, and what we ask of each other."""
    return _first_page(secret)


@bp.get("/welcome/<secret>")
@public
@by_link
def welcome(secret: str) -> ResponseReturnValue:
    """The same, for whoever was asked to open a circle."""
    return _first_page(secret)


@bp.post("/join/account")
@public
@keeps_text
@by_link
def account() -> ResponseReturnValue:
    """Once the rules are affirmed: ask for an account, or only whether to join."""
    way = joining.way_in(_secret())
    form = AffirmForm()
    if not form.validate():
        return _affirm_page(way, form), 422
    return _second_page(way, _carried_on(form))


@bp.post("/join/new")
@public
@keeps_text
@by_link
def sign_up() -> ResponseReturnValue:
    """Begin an account and a place in the circle, or first have the address proved."""
    way = joining.way_in(_secret())
    form = AccountForm()
    form.validate()
    if form.csrf_token.errors or form.affirmed.errors:
        return _second_page(way, form), 422
    try:
        limits.take_from_network("sign-up", OFTEN_ENOUGH)
        if way.circle:
            limits.take("names tried", NAMES_TRIED, way.id)
            limits.take("names tried in all", NAMES_TRIED_IN_ALL, way.circle.id)
        newcomer = _newcomer(way, form)
        if joining.must_confirm(way, newcomer.address):
            with unit_of_work():
                joining.ask_to_confirm(way, newcomer)
            return render_template("circles/look_in_mail.html")
        with unit_of_work():
            way = joining.way_in(_secret())
            _let_in(joining.sign_up(way, newcomer))
    except (InvalidInput, TooMany, Busy) as error:
        status = _refused(form, error)
        return _second_page(way, form), status
    return redirect(_next(way), 303)


@bp.post("/join")
@keeps_text
@by_link
def join() -> ResponseReturnValue:
    """Take a place with the account one has. Whoever is not signed in is asked to, and goes on."""
    way = joining.way_in(_secret())
    form = JoinForm()
    if not form.validate():
        return _second_page(way, form), 422
    try:
        with unit_of_work():
            way = joining.way_in(_secret())
            joining.join(way, current_user.id, current_user.name, form.rules_shown)
        member_names.try_bylines()
    except (InvalidInput, Busy) as error:
        status = _refused(form, error)
        return _second_page(way, form), status
    return redirect(_next(way), 303)


@bp.post("/join/sign-in")
@public
@keeps_text
@by_link
def sign_in_first() -> ResponseReturnValue:
    """Sign in with the account one has, then press [Join] there where this page would have."""
    way = joining.way_in(_secret())
    form = JoinForm()
    if current_user.is_authenticated:
        return _second_page(way, form)
    fields = [(name, form[name].data or "") for name in ("token", "rules", "affirmed")]
    kept = Kept(url_for(".join"), False, tuple(fields))
    return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), kept=kept)


@bp.app_template_global()
def way_kept(kept: Kept) -> WayIn | None:
    """The way that a press of [Join] took, where it was kept while somebody signed in."""
    if kept.path != url_for("circles.join"):
        return None
    try:
        return joining.way_in(dict(kept.fields).get("token", ""))
    except NotFound:  # used or taken back meanwhile: the press will say so
        return None


@bp.get("/join/confirm/<secret>")
@public
@by_link
def confirmation(secret: str) -> ResponseReturnValue:
    """Ask for the password that was chosen, so that nobody's address is used by somebody else."""
    joining.asked_with(secret)
    form = ConfirmForm(formdata=None)
    form.token.data = secret
    return render_template("circles/confirm.html", form=form)


@bp.post("/join/confirm")
@public
@keeps_text
@by_link
def confirm() -> ResponseReturnValue:
    """Begin the account whose address is proved, and its place in the circle."""
    secret = _secret()
    newcomer = joining.asked_with(secret)
    form = ConfirmForm()
    if form.validate():
        try:
            limits.take_from_network("sign-up", OFTEN_ENOUGH)
            _check_password(newcomer, form.password.data or "")
            with unit_of_work():
                member, way = joining.confirm(secret)
                _let_in(member)
            return redirect(_next(way), 303)
        except (InvalidInput, TooMany, Busy) as error:
            status = _refused(form, error)
            return render_template("circles/confirm.html", form=form), status
    return render_template("circles/confirm.html", form=form), 422


def _secret() -> str:
    """The link's secret, as a form carries it; asked for before the form, which sets a cookie."""
    return request.form.get("token", "")


def _first_page(secret: str) -> ResponseReturnValue:
    way = joining.way_in(secret)
    form = AffirmForm(formdata=None)
    form.token.data, form.rules.data = secret, str(way.circle.rules) if way.circle else ""
    return _affirm_page(way, form)


def _affirm_page(way: WayIn, form: AffirmForm) -> str:
    own = queries.own_rules(way.circle.id) if way.circle else []
    return render_template("circles/invited.html", way=way, form=form, ten=TEN, own=own)


def _second_page(way: WayIn, form: WayInForm) -> str:
    if not current_user.is_authenticated:
        return render_template("circles/account.html", way=way, form=form)
    inside = joining.belongs(way, current_user.id)
    return render_template("circles/join.html", way=way, form=form, inside=inside)


def _carried_on(form: AffirmForm) -> WayInForm:
    """The second page's form, with what the first one held."""
    following = (JoinForm if current_user.is_authenticated else AccountForm)(formdata=None)
    following.token.data, following.rules.data = form.token.data, form.rules.data
    following.affirmed.data = "yes"
    return following


def _newcomer(way: WayIn, form: AccountForm) -> Newcomer:
    """Who asks for an account. Raises InvalidInput for all that cannot be, at once; what the form
    itself has said is said already."""
    address, name, kept = form.email.data or "", form.name.data or "", ""
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
        raise InvalidInput(**{each: said for each, said in wrong.items() if not form[each].errors})
    return Newcomer(address, name, kept, form.rules_shown)


def _let_in(member: Member) -> None:
    """Sign the newcomer in, as on a shared computer, inside the work that made the account."""
    sessions.begin(member.id, own_device=False)
    known_devices.remember(member.id)


def _refused(form: Form, error: InvalidInput | TooMany | Busy) -> int:
    """Say on the page what stood in the way; gives its status."""
    if isinstance(error, InvalidInput):
        form.refuse(error)
    else:
        form.form_errors.append(_("Many people are here just now. Please try again in a while."))
    return STATUS[type(error)]


def _check_password(newcomer: Newcomer, password: str) -> None:
    if not passwords.matches(newcomer.password_hash, password):
        raise InvalidInput(password=_("That is not the password you chose."))


def _next(way: WayIn) -> str:
    if way.circle is None:
        return url_for(".open_circle")
    return url_for(".choose_name", circle_id=way.circle.id)
