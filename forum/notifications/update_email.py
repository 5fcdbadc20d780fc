"""The update email: equal wording for all members, without content."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from flask import render_template
from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.audit import queries as audit
from forum.audit.models import SERVICE
from forum.core import tokens
from forum.core.clock import now
from forum.mail.layout import sender, set_out
from forum.mail.outbox import queue
from forum.web.urls import full_url

STOP = "/letters/stop/"  # followed by the unsubscribe token
SETTINGS = "/account/mail"
PLACE = "stop letters"


def digest(member: Member) -> UUID | None:
    """Queue a member's update email; returns its id, or None if mail is off."""
    home, settings = full_url("/"), full_url(SETTINGS)
    stop = full_url(STOP + tokens.hidden_id(member.id, PLACE))
    news = _("There is something new in your circles, or something waiting for you.")
    why = _("We send this at most once a day, and only when something is new or waiting.")
    words = set_out(
        news,
        home,
        why + " " + _("To change the days or time, or to pause:"),
        settings,
        _("To stop these emails:"),
        stop,
    )
    page = {"news": news, "why": why, "home": home, "settings": settings, "stop": stop}
    return queue(
        member.address,
        _("Something is new"),
        words,
        html=render_template("notifications/digest.html", sender=sender(), **page),
        unsubscribe=stop,
        log_mark=_log_mark(),
        whose=member.id,
    )


def _log_mark() -> str:
    """Code of the service's log as the week began, on Monday, UTC.

    Without its length, and no newer: a number that moves with the log would tell every member on
    which day guardians opened a name, or an account was suspended.
    """
    today = now().date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time(), UTC)
    return audit.head_before(SERVICE, monday).short


def whose(token: str) -> UUID | None:
    """The member of an unsubscribe token; None for an invalid token."""
    return tokens.id_of(token, PLACE)
