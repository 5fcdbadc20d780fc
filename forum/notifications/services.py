"""Changes of email preferences."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.notifications import calendars
from forum.notifications.digests import begin
from forum.notifications.email_preferences import NO_ADDRESS, Wishes, next_turn
from forum.notifications.models import MailPlan
from forum.notifications.queries import zone_of

AWAY_MAX = timedelta(days=2 * 366)


def wish(member_id: UUID, wishes: Wishes) -> None:
    """Store a member's email preferences.

    Raises InvalidInput, by field name, for contradictory preferences.
    """
    if refused := _wrong(wishes):
        raise InvalidInput(**refused)
    member = db.session.get_one(Member, member_id)
    plan = db.session.get(MailPlan, member_id) or begin(member)
    address = Wishes.from_json(plan.wishes).calendar_digest
    wishes = replace(wishes, calendar_digest=address)
    turn = next_turn(wishes, now(), zone_of(member))
    plan.wishes, plan.digest_at = wishes.to_json(), turn.moment if turn else None


def _wrong(wishes: Wishes) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if wishes.digest and not (wishes.days or wishes.protected):
        wrong["days"] = _("Choose at least one day, or turn update emails off.")
    if wishes.digest and wishes.is_quiet(wishes.at):
        wrong["at"] = _("This time is in your quiet hours. Change one of them.")
    if wishes.away_from and not wishes.away_until:
        wrong["away_until"] = _("Enter the last day you are away.")
    if wishes.away_until and wishes.away_until < (wishes.away_from or wishes.away_until):
        wrong["away_until"] = _("The last day must not be before the first.")
    if wishes.away_until and wishes.away_until > now().date() + AWAY_MAX:
        wrong["away_until"] = _("Choose a last day within the next two years.")
    return wrong


def make_calendar_address(member_id: UUID) -> str:
    """Make a member's private calendar address, and end the one before; returns its token, of
    which only a digest is stored.
    """
    secret, digest = tokens.new_token()
    _store_address(member_id, digest.hex())
    return tokens.hidden_id(member_id, calendars.PLACE) + secret


def end_calendar_address(member_id: UUID) -> None:
    """End a member's private calendar address."""
    _store_address(member_id, NO_ADDRESS)


def _store_address(member_id: UUID, digest: str) -> None:
    plan = db.session.get(MailPlan, member_id) or begin(db.session.get_one(Member, member_id))
    plan.wishes = replace(Wishes.from_json(plan.wishes), calendar_digest=digest).to_json()


def stop(member_id: UUID) -> None:
    """Turn a member's digests off; unknown ids are ignored."""
    if member := db.session.get(Member, member_id):
        plan = db.session.get(MailPlan, member_id) or begin(member)
        plan.wishes = replace(Wishes.from_json(plan.wishes), digest=False).to_json()
        plan.digest_at = None
