"""Moments at which an account is asked for a second factor, and at which "Later" ends.

Nobody is asked at a first sign-in, which begins with an invitation. From the second on the page
comes after each sign-in; "Later" stands on it for the operator's days of grace. Those who look
after others, and the programme lead, have no Later.

What is due is decided at sign-in and stands in the session: nobody is stopped in the middle of a
text, and sessions begun before end at their limits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Flask, current_app

from forum.accounts import second_factors
from forum.accounts.models import Member
from forum.core.clock import now

FIRST = "first"  # in Member.factor_asked, after a first sign-in; later the day of the second
INVENTED = "invented"  # somebody of a demonstration, who holds no phone: never asked
RULES = "no_later"  # extension: functions that name accounts without Later


@dataclass(frozen=True, slots=True)
class Request:
    """Request for a second factor. until: last UTC day with a Later; None without."""

    until: date | None

    @property
    def is_due(self) -> bool:
        """True if nothing else opens before a factor is there."""
        return self.until is None


def init_app(app: Flask, *rules: Callable[[UUID], bool]) -> None:
    """Set the rules by which an account has no Later, besides being programme lead."""
    app.extensions[RULES] = rules


def at_sign_in(member: Member) -> Request | None:
    """Request to make at this sign-in, inside its unit of work; None for none.

    Remembers the first sign-in, and the day of the second.
    """
    if not member.factor_asked:
        member.factor_asked = FIRST
        return None
    if member.factor_asked == FIRST:
        member.factor_asked = now().date().isoformat()
    return asked(member)


def began(member: Member) -> None:
    """Remember an invitation's session as the first sign-in, inside its unit of work."""
    member.factor_asked = FIRST


def began_without_later(member: Member) -> None:
    """Ask from the first session on: of the programme lead, at the end of set-up."""
    member.factor_asked = now().date().isoformat()


def asked(member: Member) -> Request | None:
    """Request made of an account today; None with a factor, and before the second sign-in."""
    if member.factor_asked in ("", FIRST, INVENTED) or second_factors.has_any(member):
        return None
    until = date.fromisoformat(member.factor_asked) + _grace() - timedelta(days=1)
    return Request(None if until < now().date() or _has_no_later(member) else until)


def _grace() -> timedelta:
    grace: timedelta = current_app.config["SECOND_FACTOR_GRACE"]
    return grace


def _has_no_later(member: Member) -> bool:
    rules: tuple[Callable[[UUID], bool], ...] = current_app.extensions[RULES]
    return member.is_programme_lead or any(rule(member.id) for rule in rules)
