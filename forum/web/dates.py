"""Days, as pages show them: in the reader's time zone, and never finer."""

from datetime import date, datetime, timedelta

from flask import Flask, g
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from forum.core.clock import now


def init_app(app: Flask) -> None:
    """Give templates the filters `day`, for moments, and `on_day`, for days."""
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["on_day"] = on_day


def day(moment: datetime) -> str:
    """The day of a moment for the reader: "today", "Monday", "2 March", "2 March 2024".

    Each moment is looked up once a request: a thread says the same few fifty times.
    """
    known: dict[datetime, str] = g.setdefault("days", {})
    if moment not in known:
        known[moment] = _day(moment)
    return known[moment]


def on_day(then: date) -> str:
    """A day that is kept without an hour, as said above."""
    return _said(then, now().date())


def _day(moment: datetime) -> str:
    zone = current_user.zone
    then, today = moment.astimezone(zone).date(), now().astimezone(zone).date()
    return _said(then, today)


def _said(then: date, today: date) -> str:
    if then == today:
        return str(_("today"))
    if then == today - timedelta(days=1):
        return str(_("yesterday"))
    if timedelta() < today - then < timedelta(days=7):
        return str(format_date(then, "EEEE", rebase=False))
    pattern = "d MMMM" if then.year == today.year else "d MMMM y"
    return str(format_date(then, pattern, rebase=False))
