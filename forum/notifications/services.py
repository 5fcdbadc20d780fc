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
from forum.notifications.email_preferences import NO_ADDRESS, EmailPreferences, time_to_plan
from forum.notifications.models import MailPlan
from forum.notifications.queries import zone_of

AWAY_MAX = timedelta(days=2 * 366)


def save_preferences(member_id: UUID, preferences: EmailPreferences) -> None:
    """Store a member's email preferences.

    Raises InvalidInput, by field name, for contradictory preferences.
    """
    if refused := _wrong(preferences):
        raise InvalidInput(**refused)
    member = db.session.get_one(Member, member_id)
    plan = db.session.get(MailPlan, member_id) or begin(member)
    address = EmailPreferences.from_json(plan.wishes).calendar_digest
    preferences = replace(preferences, calendar_digest=address)
    digest_time = time_to_plan(preferences, now(), zone_of(member))
    plan.wishes, plan.digest_at = preferences.to_json(), digest_time.moment if digest_time else None


def _wrong(preferences: EmailPreferences) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if preferences.digest and not (preferences.days or preferences.protected):
        wrong["days"] = _("Choose at least one day, or turn update emails off.")
    if preferences.digest and preferences.uses_time and preferences.is_quiet(preferences.at):
        wrong["at"] = _("This time is in your quiet hours. Change one of them.")
    if preferences.away_from and not preferences.away_until:
        wrong["away_until"] = _("Enter the last day you are away.")
    first, last = preferences.away_from, preferences.away_until
    if first and last and last < first:
        wrong["away_until"] = _("The last day must not be before the first.")
    if preferences.away_until and preferences.away_until > now().date() + AWAY_MAX:
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
    plan.wishes = replace(EmailPreferences.from_json(plan.wishes), calendar_digest=digest).to_json()


def stop(member_id: UUID) -> None:
    """Turn a member's digests off; unknown ids are ignored."""
    if member := db.session.get(Member, member_id):
        plan = db.session.get(MailPlan, member_id) or begin(member)
        plan.wishes = replace(EmailPreferences.from_json(plan.wishes), digest=False).to_json()
        plan.digest_at = None
