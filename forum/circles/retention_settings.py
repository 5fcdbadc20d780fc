"""Months after a thread's closing until its texts are erased: chosen by a circle's moderators."""

from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Circle
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.tokens import version_token
from forum.policy import may, require
from forum.policy.standing import Standing

MONTHS = (3, 6, 12, 24)  # to choose from
CAUTION = _l(
    "Not where a complaint, claim, inquest or investigation may need it. If you know of one, ask "
    "your defence body first."
)
NOTICE = timedelta(days=30)  # in which members read that a thread goes


def months(standing: Standing) -> int | None:
    """Months after closing for which the circle keeps a thread; None: it keeps all."""
    return queries.circle(standing).retention_months


def version(standing: Standing) -> str:
    """Token for the form, so that two moderators do not overwrite each other unknowingly."""
    return version_token(str(months(standing)))


def choose(standing: Standing, wanted: int | None, seen: str) -> None:
    """Keep threads for so many months after their closing, or all of them for good.

    Threads that closed earlier go as well, each after NOTICE. Without months nothing goes, and
    notices end. seen: `version` of the form's starting point. Raises InvalidInput (months).
    """
    require(may.change_settings(standing))
    lock_circle(standing.circle_id)
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    if wanted not in (None, *MONTHS):
        raise InvalidInput(months=_("Choose one of these."))
    if wanted == home.retention_months:
        return
    if seen != version(standing):
        raise InvalidInput(months=_("Another moderator changed this. Please look again."))
    home.retention_months = wanted
    if wanted is None:
        home.erasure_on = home.erasure_told_on = None
    audit.note(standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="retention")


def still_on(ends_on: date, moved_at: datetime, months: int | None, zone: tzinfo) -> date | None:
    """The day on which a thread with a notice goes; None once somebody wrote, or if months changed.

    At once for every page: the thread's own state follows at the slot. months: of the circle now.
    """
    if not months:
        return None
    is_quiet = months_after(moved_at.astimezone(zone).date(), months) <= ends_on
    return ends_on if is_quiet else None


def months_after(day: date, months: int) -> date:
    """A day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
