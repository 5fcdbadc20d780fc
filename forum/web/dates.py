"""Formatting of days, in the reader's time zone, and of durations."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from flask import Flask, g
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from forum.core.clock import now

NO_BREAK = "\u00a0"  # a day and its month stay on one line


def init_app(app: Flask) -> None:
    """Add the filters `day` of a datetime, `on_day`, `last_day` and `due` of a date, and `span`."""
    filters = {"day": day, "on_day": on_day, "last_day": last_day, "due": due, "span": span}
    app.jinja_env.filters |= filters


def day(moment: datetime) -> str:
    """Day of a moment for the reader: "today", "Monday", "2 March", "2 March 2024".

    Cached per request, since a thread repeats the few hours of its fifty posts.
    """
    known: dict[datetime, str] = g.setdefault("days", {})
    if moment not in known:
        known[moment] = _day(moment)
    return known[moment]


def on_day(then: date) -> str:
    """A date formatted like `day`, relative to the reader's today.

    Stored days are UTC's: one that has begun there alone is today.
    """
    today = now().astimezone(_zone()).date()
    return _relative(today if today < then <= now().date() else then, today)


def last_day(then: date, there: tzinfo) -> str:
    """A date that ends in another time zone: "today" while it lasts there, else as by `day`."""
    today = now().astimezone(_zone()).date()
    return _relative(today if then == now().astimezone(there).date() else then, today)


def due(then: date, there: tzinfo | None = None) -> str:
    """A date within a sentence: "today", "on 2 March".

    there: time zone in which the date ends; None for a stored day of UTC.
    """
    words = last_day(then, there) if there else on_day(then)
    today = max(now().astimezone(each).date() for each in (_zone(), there or UTC))
    return words if then <= today else str(_("on %(day)s", day=words))


def _day(moment: datetime) -> str:
    zone = _zone()
    return _relative(moment.astimezone(zone).date(), now().astimezone(zone).date())


def _zone() -> tzinfo:
    """Zone of the reader; UTC for a visitor."""
    return current_user.zone if current_user.is_authenticated else UTC


def _relative(then: date, today: date) -> str:
    return _formatted(str(get_locale()), then, today)


@lru_cache(maxsize=4096)
def _formatted(_locale: str, then: date, today: date) -> str:
    """Words for a day, once for each language: formatting is most of the cost of a list's row."""
    if then == today:
        return str(_("today"))
    if then == today - timedelta(days=1):
        return str(_("yesterday"))
    if timedelta() < today - then < timedelta(days=7):
        return str(format_date(then, "EEEE", rebase=False))
    pattern = "d MMMM" if then.year == today.year else "d MMMM y"
    return str(format_date(then, pattern, rebase=False)).replace(" ", NO_BREAK)


def span(time: timedelta) -> str:
    """Duration in its largest whole unit: "30 minutes", "12 hours", "7 days"."""
    minutes = time // timedelta(minutes=1)
    if minutes % 60:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if minutes % (24 * 60):
        return str(ngettext("%(num)s hour", "%(num)s hours", minutes // 60))
    return str(ngettext("%(num)s day", "%(num)s days", minutes // (24 * 60)))
