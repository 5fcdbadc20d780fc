"""Changes of email preferences."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.notifications.digests import begin
from forum.notifications.email_preferences import Wishes, next_turn
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
    turn = next_turn(wishes, now(), zone_of(member))
    plan.wishes, plan.digest_at = wishes.to_json(), turn.moment if turn else None


def _wrong(wishes: Wishes) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if wishes.digest and not (wishes.days or wishes.protected):
        wrong["days"] = _("Choose a day, or none of these letters.")
    if wishes.digest and wishes.is_quiet(wishes.at):
        wrong["at"] = _("That falls into your quiet hours.")
    if wishes.away_from and not wishes.away_until:
        wrong["away_until"] = _("Say until when, please.")
    if wishes.away_until and wishes.away_until < (wishes.away_from or wishes.away_until):
        wrong["away_until"] = _("That is before the first day.")
    if wishes.away_until and wishes.away_until > now().date() + AWAY_MAX:
        wrong["away_until"] = _("Two years at most, please.")
    return wrong


def stop(member_id: UUID) -> None:
    """Turn a member's digests off; unknown ids are ignored."""
    if member := db.session.get(Member, member_id):
        plan = db.session.get(MailPlan, member_id) or begin(member)
        plan.wishes = replace(Wishes.from_json(plan.wishes), digest=False).to_json()
        plan.digest_at = None
