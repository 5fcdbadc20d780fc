"""Reads about what members wish by mail."""

from uuid import UUID
from zoneinfo import ZoneInfo

from forum.accounts.models import Member
from forum.core.db import db
from forum.notifications.email_preferences import Wishes
from forum.notifications.models import MailPlan


def wishes(member_id: UUID) -> Wishes:
    """What a member wishes; from the start, a digest."""
    plan = db.session.get(MailPlan, member_id)
    return Wishes.from_json(plan.wishes) if plan else Wishes()


def zone_of(member: Member) -> ZoneInfo:
    """The time zone in which a member's days begin."""
    return ZoneInfo(member.timezone)
