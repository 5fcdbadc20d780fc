"""Notice of a rest of the service: on every page, and by email."""

from datetime import datetime, timedelta

from flask_babel import format_datetime
from sqlalchemy import select

from forum.accounts import emails
from forum.accounts.models import Member
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.core import service_state
from forum.core.clock import now, zone
from forum.core.db import db, unit_of_work
from forum.core.service_state import Rest

AHEAD_MAX = timedelta(days=60)
LONGEST = timedelta(days=7)


class BadRest(Exception):
    """Rest that cannot be announced. The message gives the reason."""


def announce(rest: Rest, *, by_email: bool) -> None:
    """Show a notice, and tell all members who can sign in. Raises BadRest."""
    if rest == service_state.coming_rest():
        raise BadRest("That notice is up already. Nothing was changed, and nobody was told twice.")
    if not now() < rest.ends:
        raise BadRest("That time is over.")
    if not timedelta(0) < rest.ends - rest.begins <= LONGEST:
        raise BadRest("A rest ends after it begins, and within seven days.")
    if rest.begins > now() + AHEAD_MAX:
        raise BadRest("That is more than 60 days ahead.")
    with unit_of_work():
        if by_email:
            _tell_all(rest)
        note_service(Deed.REST_ANNOUNCED, Actor.OPERATOR)
        service_state.announce_rest(rest)


def end() -> None:
    """Take the notice down. Raises BadRest if there is none."""
    if service_state.coming_rest() is None:
        raise BadRest("There is no notice of a rest.")
    with unit_of_work():
        note_service(Deed.REST_ENDED, Actor.OPERATOR)
        service_state.end_rest()


def _tell_all(rest: Rest) -> None:
    able = select(Member).where(~Member.is_suspended).order_by(Member.id)
    for member in db.session.scalars(able):
        begins, ends = (_as_read(each, member.timezone) for each in (rest.begins, rest.ends))
        emails.service_rests(member.address, begins, ends)


def _as_read(moment: datetime, timezone: str) -> str:
    here = moment.astimezone(zone(timezone))
    return str(format_datetime(here, "EEEE d MMMM, HH:mm", rebase=False))
