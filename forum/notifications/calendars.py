"""A member's protected hour as a calendar file.

It names neither forum nor circle, since calendars are often shared.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event, vRecur

from forum.core import tokens
from forum.core.clock import now
from forum.notifications.email_preferences import Protected

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def calendar(member_id: UUID, protected: Protected, zone: ZoneInfo) -> bytes:
    """An iCalendar file of the weekly hour. Source: RFC 5545."""
    today = now().astimezone(zone).date()
    first = today + timedelta(days=(protected.day - today.weekday()) % 7)
    begins = datetime.combine(first, protected.at, zone)
    event = Event()
    event.add("uid", _uid(member_id))  # stable, so that a new file replaces the old
    event.add("dtstamp", now().replace(microsecond=0))
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=protected.minutes))
    event.add("rrule", vRecur({"FREQ": "WEEKLY", "BYDAY": DAYS[protected.day]}))
    event.add("summary", _("Protected time"))
    event.add("class", "PRIVATE")
    kept = Calendar()
    kept.add("prodid", "-//Protected time//EN")
    kept.add("version", "2.0")
    kept.add_component(event)
    kept.add_missing_timezones()
    return bytes(kept.to_ical())


def _uid(member_id: UUID) -> str:
    return sha256(tokens.hidden_id(member_id, "calendar").encode()).hexdigest()[:32]
