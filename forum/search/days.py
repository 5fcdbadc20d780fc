"""Days as people type them in `before:` and `after:`, in British order."""

import re
from contextlib import suppress
from datetime import date, timedelta

LEAP_GAP = 8  # years at most from one 29th of February to the next
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_GAP = r"[ ./-]?"
# Several words that need no quotes: 14 March 2025, March 14th 2025.
SPACED = re.sub(
    r"\(\?P<\w+>",
    "(?:",
    rf"{_DAY} {_MONTH}(?: {_YEAR})?|{_MONTH} (?:{_DAY},? )?\d{{4}}|{_MONTH} {_DAY}",
)
_FORMS = [
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?(?:t[\d:.+z-]*)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})",
        r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
        rf"(?:{_DAY}{_GAP}(?:of )?)?{_MONTH}(?:,?{_GAP}{_YEAR})?",
        rf"{_MONTH}{_GAP}{_DAY}(?:,?{_GAP}{_YEAR})?",
        rf"(?P<year>\d{{4}}){_GAP}{_MONTH}(?:{_GAP}{_DAY})?",
    )
]


def days(text: str, today: date) -> tuple[date, date] | None:
    """The first day of a year, month or day, and the day after its last; None for no such day.

    A month or day without a year is the latest that has begun.
    """
    plain = " ".join(text.lower().split())
    if named := _named(plain, today):
        return named
    for form in _FORMS:
        if found := form.fullmatch(plain):
            parts = {"year": None, "day": None, "month": None} | found.groupdict()
            return _span(parts["year"], parts["month"], parts["day"], today)
    return None


def _named(plain: str, today: date) -> tuple[date, date] | None:
    day, month = timedelta(days=1), today.replace(day=1)
    match plain:
        case "today" | "now":
            return today, today + day
        case "yesterday":
            return today - day, today
        case "this week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case "last week":
            monday = today - timedelta(days=today.weekday() + 7)
            return monday, monday + timedelta(days=7)
        case "this month":
            return month, _next_month(month)
        case "last month":
            return (month - day).replace(day=1), month
        case "this year" | "last year":
            first = date(today.year - (plain == "last year"), 1, 1)
            return first, first.replace(year=first.year + 1)
    return None


def _span(
    year: str | None, month: str | None, day: str | None, today: date
) -> tuple[date, date] | None:
    number = _month(month) if month else 1
    try:
        if year:
            first = date(_year(year), number, int(day or 1))
        else:
            first = _latest(number, int(day or 1), today)
        if day:
            return first, first + timedelta(days=1)
        return first, _next_month(first) if month else first.replace(year=first.year + 1)
    except (ValueError, OverflowError):  # the 31st of February, the year 9999
        return None


def _latest(month: int, day: int, today: date) -> date:
    """Latest such day up to today. Raises ValueError for a day that no year has."""
    for year in range(today.year, today.year - LEAP_GAP - 1, -1):
        with suppress(ValueError):  # the 29th of February in most years
            if (found := date(year, month, day)) <= today:
                return found
    raise ValueError("no year has this day")


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.split().index(text[:3]) + 1


def _year(text: str) -> int:
    digits = text.lstrip("'")
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
