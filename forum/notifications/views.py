"""Pages of email preferences, and unsubscribing."""

from collections.abc import Sequence
from datetime import time
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.queries import places
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.mail.queries import is_on
from forum.notifications import calendars, queries, services, update_email
from forum.notifications.email_preferences import WEEK
from forum.notifications.forms import DAYS, MailForm
from forum.web import limits
from forum.web.access import ask_password, is_fresh, public
from forum.web.flash import flash
from forum.web.forms import csrf
from forum.web.language import in_english
from forum.web.urls import full_url

FETCHES_PER_ADDRESS = "20 per hour"  # calendar programs ask a few times a day
GUESSES_PER_NETWORK = "60 per hour"  # a calendar program goes on asking for an ended address

bp = Blueprint("notifications", __name__)


@bp.app_template_global()
def emails_in_words() -> str:
    """Days and hours of update emails, for the account page: "Monday, Friday at 07:15", and apart
    the day with protected time, where its hour is another."""
    known = queries.preferences(current_user.id)
    times = dict.fromkeys(known.days, known.at)
    if known.protected:
        times[known.protected.day] = known.protected.at
    if not (known.digest and times):
        return str(_("Off"))
    days = {at: [day for day in WEEK if times.get(day) == at] for at in sorted({*times.values()})}
    return "; ".join(_days_at(some, at) for at, some in days.items())


def _days_at(days: Sequence[int], at: time) -> str:
    if len(days) == len(WEEK):
        return str(_("Every day at %(time)s", time=f"{at:%H:%M}"))
    named = ", ".join(str(DAYS[str(day)]) for day in days)
    return str(_("%(days)s at %(time)s", days=named, time=f"{at:%H:%M}"))


@bp.route(update_email.SETTINGS, methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Email preferences."""
    form, known = MailForm(), queries.preferences(current_user.id)
    form.offer((each.circle.id, each.name) for each in places(current_user.id))
    if not form.is_submitted():
        form.fill(known)
        return _page(form)
    if not form.validate():
        return _page(form), 422
    try:
        with unit_of_work():
            services.save_preferences(current_user.id, form.preferences())
    except InvalidInput as error:
        form.refuse(error)
        return _page(form), 422
    flash(_("Changes saved."))
    return redirect(url_for(".settings"), 303)


@bp.get("/account/protected-time.ics")
def calendar() -> Response:
    """The protected hour as a calendar file."""
    protected = queries.preferences(current_user.id).protected
    if protected is None:
        raise NotFound
    answer = Response(calendars.calendar(current_user.id, protected, current_user.zone))
    answer.content_type = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=protected-time.ics"
    return answer


@bp.post("/account/calendar-address")
def calendar_address() -> ResponseReturnValue:
    """Make a private calendar address and show it once, after the password since it outlives the
    session; or end it.
    """
    if request.form.get("do") == "end":
        with unit_of_work():
            services.end_calendar_address(current_user.id)
        flash(_("Your calendar address has ended. Calendars that use it will show nothing new."))
        return redirect(url_for(".settings"), 303)
    if not is_fresh():
        return ask_password()
    with unit_of_work():
        token = services.make_calendar_address(current_user.id)
    address = full_url(url_for(".news_calendar", token=token))
    return render_template("notifications/calendar_address.html", address=address)


@bp.get("/calendar/<token>.ics")
@public
def news_calendar(token: str) -> ResponseReturnValue:
    """Days with something new, for calendar programs: without a session, and writing nothing."""
    member = calendars.member_of(token)
    if member is None:
        limits.take_from_network("no calendar", GUESSES_PER_NETWORK)
        raise NotFound
    limits.take("calendar", FETCHES_PER_ADDRESS, member.id)
    with in_english():  # as emails are
        answer = Response(calendars.news_calendar(calendars.days_for(member)))
    answer.content_type = "text/calendar; charset=utf-8"
    return answer


@bp.get(f"{update_email.STOP}<token>")
@public
def stopping(token: str) -> str:
    """Ask whether to unsubscribe. A GET changes nothing: mail programs follow links."""
    _whose(token)
    return render_template("notifications/stop.html", stopped=False)


@bp.post(f"{update_email.STOP}<token>")
@public
@csrf.exempt  # type: ignore[untyped-decorator]  # sent by mail programs, without a session: the token identifies the member
def stop(token: str) -> str:
    """Unsubscribe without signing in. Source: RFC 8058."""
    member_id = _whose(token)
    with unit_of_work():
        services.stop(member_id)
    return render_template("notifications/stop.html", stopped=True)


def _whose(token: str) -> UUID:
    member_id = update_email.whose(token)
    if member_id is None:
        raise NotFound
    return member_id


def _page(form: MailForm) -> str:
    protected = queries.preferences(current_user.id).protected
    return render_template(
        "notifications/settings.html",
        form=form,
        mail_is_on=is_on(),
        protected=protected,
        has_address=queries.has_calendar_address(current_user.id),
    )
