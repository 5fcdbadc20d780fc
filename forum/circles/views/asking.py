"""Views for asking to join by a group link, and for waiting until a moderator says yes.

Two links lead here: the group's, which everybody shares, and that of a person's own page, whose
secret nobody else has.
"""

from collections.abc import Callable
from typing import ParamSpec

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from forum.accounts.queries import address_digest
from forum.circles import applicants, group_links, joining, queries
from forum.circles.admission import ApplicantState, LinkState
from forum.circles.applicants import Request
from forum.circles.forms import AccountForm, AskAsMemberForm, AskForm, JoinForm, ProveForm
from forum.circles.ground_rules import TEN, in_force
from forum.circles.models import Circle, GroupLink, Membership
from forum.circles.views import bp
from forum.circles.views.joining import by_link, opened_by_secret, refused, second_page
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound, TooMany
from forum.mail.queries import is_on
from forum.web import limits
from forum.web.access import public
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
REQUESTS_PER_NETWORK = "30 per hour"
REQUESTS_PER_LINK = "100 per day"
REQUESTS_PER_ADDRESS = "3 per day"


def by_own_page(view: View[P]) -> View[P]:
    """Mark a view as opened by a person's own page, for anyone except the programme lead.

    Refused, lapsed, cancelled, joined and invented ones all get an identical page.
    """
    return opened_by_secret(view, over="circles/not_let_in.html")


@bp.get("/with/<link:secret>")
@public
@by_link
def group_link(secret: str) -> ResponseReturnValue:
    """Description of a circle and its ground rules, and a form for asking to join."""
    link = group_links.find(secret)
    if group_links.state(link) is not LinkState.OPEN:
        raise NotFound
    form = _form(fresh=True)
    form.token.data, form.rules.data = secret, str(in_force(_circle(link).rules))
    return _ask_page(form)


@bp.post("/with")
@public
@keeps_text
@by_link
def ask() -> ResponseReturnValue:
    """Ask to join: the answer is the page to wait on, or an email that leads there."""
    secret = request.form.get("token", "")
    link = group_links.find(secret)
    form = _form()
    if _is_inside(link):
        return _ask_page(form)
    if not form.validate():
        return _ask_page(form), 422
    try:
        limits.take_from_network("ask to join", REQUESTS_PER_NETWORK)
        limits.take("requests", REQUESTS_PER_LINK, link.id)
        is_sent = _is_within_limit(_request(form))
        with unit_of_work():
            own_page = applicants.ask(secret, _request(form), created_id(), is_sent=is_sent)
    except (InvalidInput, TooMany, Busy) as error:
        status = refused(form, error)
        return _ask_page(form), status
    if own_page is None:
        return render_template("circles/look_in_mail.html")
    return redirect(url_for(".waiting", secret=own_page), 303)


def _is_within_limit(asked: Request) -> bool:
    """Count a request for its address; False beyond the day's limit, where an email would go out:
    a refusal would tell whoever typed the address that its owner asked, too. Else raises TooMany.
    """
    try:
        limits.take_for("requests", REQUESTS_PER_ADDRESS, address_digest(asked.address))
    except TooMany:
        if asked.proved or not is_on():
            raise
        return False
    return True


@bp.get("/waiting/<link:secret>")
@public
@by_own_page
def waiting(secret: str) -> ResponseReturnValue:
    """A person's own page: to confirm their address, to wait, and after a yes to join."""
    match applicants.state(secret):
        case ApplicantState.UNCONFIRMED:
            form = ProveForm(formdata=None)
            form.token.data = secret
            return _prove_page(secret, form)
        case ApplicantState.WAITING:
            asked, days_left = applicants.request_of(secret)
            return render_template(
                "circles/waiting.html",
                asked=asked,
                days_left=days_left,
                secret=secret,
                mail_is_on=is_on(),
            )
        case ApplicantState.LET_IN:
            return _way_in(secret)
    raise NotFound


@bp.post("/waiting/confirm")
@public
@keeps_text
@by_own_page
def prove() -> ResponseReturnValue:
    """Confirm the address to which the page's link was sent."""
    secret = request.form.get("token", "")
    state = applicants.state(secret)
    if state is ApplicantState.OVER:
        raise NotFound
    if state is ApplicantState.UNCONFIRMED:
        form = ProveForm()
        if not form.validate():
            return _prove_page(secret, form), 422
        with unit_of_work():
            applicants.confirm(secret)
    return redirect(url_for(".waiting", secret=secret), 303)


def _form(*, fresh: bool = False) -> AskForm | AskAsMemberForm:
    kind = AskAsMemberForm if current_user.is_authenticated else AskForm
    made: AskForm | AskAsMemberForm = kind(formdata=None) if fresh else kind()
    return made


def _request(form: AskForm | AskAsMemberForm) -> Request:
    if current_user.is_authenticated:
        return Request(current_user.name, current_user.address, form.rules_shown, proved=True)
    return Request(form.name.data or "", form.email.data or "", form.rules_shown)


def _circle(link: GroupLink) -> Circle:
    return db.session.get_one(Circle, link.circle_id)


def _ask_page(form: AskForm | AskAsMemberForm) -> str:
    link = group_links.find(form.token.data or "")
    return render_template(
        "circles/ask.html",
        form=form,
        circle_id=link.circle_id,
        inside=_is_inside(link),
        ten=TEN,
        own=queries.own_rules(link.circle_id),
    )


def _is_inside(link: GroupLink) -> bool:
    here = Membership.member_id == (current_user.id if current_user.is_authenticated else None)
    return bool(queries.members(link.circle_id, here))


def _prove_page(secret: str, form: ProveForm) -> str:
    asked, _days = applicants.request_of(secret)
    return render_template("circles/prove.html", form=form, asked=asked)


def _way_in(secret: str) -> str:
    """Page with which somebody who was let in joins: a password, or their account."""
    way = joining.way_in(secret)
    if way.asked is None:
        raise NotFound
    form = JoinForm(formdata=None) if current_user.is_authenticated else AccountForm(formdata=None)
    form.token.data, form.rules.data = secret, str(way.asked.rules or "")
    form.affirmed.data = "yes"
    if isinstance(form, AccountForm):
        form.email.data, form.name.data = way.asked.address, way.asked.name
    return second_page(way, form)
