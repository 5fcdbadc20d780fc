"""Calendars of a member: the protected hour as a file, and days with something new at an address.

They name neither forum nor circle, since calendars are often shared.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event, vRecur

from forum.accounts.models import Member
from forum.circles.queries import places
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import db
from forum.discussions.counts import hours_of_posts
from forum.notifications.email_preferences import Protected
from forum.notifications.queries import preferences, zone_of

PLACE = "calendar address"
ID_LENGTH = 43  # characters of the member's hidden id, with which an address begins
BEHIND = timedelta(days=14)  # for which days with something new are shown
DAY = timedelta(days=1)
WITHIN_HOUR = timedelta(minutes=59)  # the last of an hour that a post's row may stand for
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
    kept = _calendar("Protected time")
    kept.add_component(event)
    kept.add_missing_timezones()
    return bytes(kept.to_ical())


def member_of(token: str) -> Member | None:
    """Member of a private calendar address; None for an address that has ended or never was, and
    for a suspended account.
    """
    member_id = tokens.id_of(token[:ID_LENGTH], PLACE)
    member = db.session.get(Member, member_id) if member_id else None
    if member is None or member.is_suspended:
        return None
    given = tokens.digest(token[ID_LENGTH:]).hex()
    return member if compare_digest(given, preferences(member.id).calendar_digest) else None


def days_for(member: Member) -> list[date]:
    """Days with something new in a member's circles, without those left out of update emails."""
    left_out, zone = preferences(member.id).without, zone_of(member)
    mine = [each.circle.id for each in places(member.id) if each.circle.id not in left_out]
    today = now().astimezone(zone).date()
    since = datetime.combine(today - BEHIND, time(), zone).astimezone(UTC)
    return days_with_news(hours_of_posts(mine, since), today, zone)


def days_with_news(hours: Collection[datetime], today: date, zone: tzinfo) -> list[date]:
    """The days after those on which something was posted, up to today.

    hours: in which posts appeared, whoever wrote them. A day appears once it is over, and goes with
    a midnight too, so that whoever asks every minute learns no hour. Where midnight falls within an
    hour, its posts count as of the later day.
    """
    after = {(hour + WITHIN_HOUR).astimezone(zone).date() + DAY for hour in hours}
    return sorted(day for day in after if day <= today)


def news_calendar(days: Collection[date]) -> bytes:
    """An iCalendar file with an all-day entry on each of these days. Source: RFC 5545.

    Entries of two members are alike but for their days.
    """
    kept = _calendar("Something is new")
    for day in days:
        event = Event()
        event.add("uid", sha256(f"something new|{day}".encode()).hexdigest()[:32])
        event.add("dtstamp", datetime.combine(day, time(), UTC))
        event.add("dtstart", day)
        event.add("summary", _("Something is new"))
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")  # takes up no time
        kept.add_component(event)
    return bytes(kept.to_ical())


def _calendar(name: str) -> Calendar:
    kept = Calendar()
    kept.add("prodid", f"-//{name}//EN")
    kept.add("version", "2.0")
    return kept


def _uid(member_id: UUID) -> str:
    return sha256(tokens.hidden_id(member_id, "calendar").encode()).hexdigest()[:32]
