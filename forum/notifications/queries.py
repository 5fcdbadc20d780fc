"""Reads of email preferences."""

from uuid import UUID
from zoneinfo import ZoneInfo

from forum.accounts.models import Member
from forum.core.clock import zone
from forum.core.db import db
from forum.notifications.email_preferences import NO_ADDRESS, EmailPreferences
from forum.notifications.models import MailPlan


def preferences(member_id: UUID) -> EmailPreferences:
    """A member's preferences; the defaults without a plan."""
    plan = db.session.get(MailPlan, member_id)
    return EmailPreferences.from_json(plan.wishes) if plan else EmailPreferences()


def zone_of(member: Member) -> ZoneInfo:
    """The member's time zone."""
    return zone(member.timezone)


def has_calendar_address(member_id: UUID) -> bool:
    """Whether a member has a private calendar address."""
    return preferences(member_id).calendar_digest != NO_ADDRESS
