"""The form of email preferences."""

from collections.abc import Iterable, Mapping
from datetime import time
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forum.core.errors import InvalidInput
from forum.notifications.email_preferences import EmailPreferences, Protected
from forum.web.forms import Form, choices

DAYS = {
    "0": _("Monday"),
    "1": _("Tuesday"),
    "2": _("Wednesday"),
    "3": _("Thursday"),
    "4": _("Friday"),
    "5": _("Saturday"),
    "6": _("Sunday"),
}
NO_DAY = "none"
LENGTHS = (15, 20, 30, 45, 60, 90)  # minutes
USUAL = Protected(day=0, at=time(20), minutes=30)  # the default offered


def _time(label: LazyString) -> TimeField:
    wrong = _("Write a time like 07:15.")
    return TimeField(label, [Optional()], invalid_value_message=wrong)  # type: ignore[call-arg]  # not yet in stubs


def _day(label: LazyString) -> DateField:
    wrong = _("Write a day like 2026-03-31.")
    return DateField(label, [Optional()], invalid_value_message=wrong)  # type: ignore[call-arg]  # nor this


def _many(label: LazyString, offered: Mapping[str, str]) -> SelectMultipleField:
    boxes = ListWidget(prefix_label=False)
    return SelectMultipleField(
        label, choices=choices(offered), widget=boxes, option_widget=CheckboxInput()
    )


class MailForm(Form):
    """Email preferences and protected hour."""

    digest = BooleanField(_("Email me when something is new or waiting for me"))
    days = _many(_("Days"), DAYS)
    at = _time(_("Time"))
    circles = _many(_("Circles to include"), {})
    shown = HiddenField()  # ids of the circles on the page
    quiet_from = _time(_("From"))
    quiet_until = _time(_("until"))
    away_from = _day(_("First day"))
    away_until = _day(_("Last day"))
    protected_day = SelectField(_("Day"), choices=choices({NO_DAY: _("None")} | DAYS))
    protected_at = _time(_("Starts at"))
    protected_minutes = SelectField(
        _("Length"), choices=choices({str(n): _("%(n)s minutes", n=n) for n in LENGTHS})
    )

    def offer(self, circles: Iterable[tuple[UUID, str]]) -> None:
        """Offer the member's circles as pairs (id, name). One joined since the page was shown is
        ticked: nobody has unticked it.
        """
        self._offered = {str(circle_id): name for circle_id, name in circles}
        self.circles.choices = choices(self._offered)
        if self.shown.data is not None:
            since = self._offered.keys() - set(self.shown.data.split())
            self.circles.data = [*(self.circles.data or ()), *since]
        self.shown.data = " ".join(self._offered)

    def fill(self, preferences: EmailPreferences) -> None:
        """Fill the fields from stored preferences."""
        self.digest.data, self.at.data = preferences.digest, preferences.at
        self.days.data = [str(day) for day in sorted(preferences.days)]
        self.circles.data = [
            each for each in self._offered if UUID(each) not in preferences.without
        ]
        self.quiet_from.data, self.quiet_until.data = (
            preferences.quiet_from,
            preferences.quiet_until,
        )
        self.away_from.data, self.away_until.data = preferences.away_from, preferences.away_until
        kept = preferences.protected or USUAL
        self.protected_day.data = str(kept.day) if preferences.protected else NO_DAY
        self.protected_at.data, self.protected_minutes.data = kept.at, str(kept.minutes)

    def preferences(self) -> EmailPreferences:
        """The preferences as sent; empty quiet hours disable them.

        Raises InvalidInput, by field name, for quiet hours with a single end.
        """
        begins, ends = self.quiet_from.data, self.quiet_until.data
        if (begins is None) is not (ends is None):
            empty = "quiet_from" if begins is None else "quiet_until"
            raise InvalidInput(**{empty: str(_("Fill in both times, or neither."))})
        if begins is None or ends is None:
            begins = ends = time(0)
        left_out = self._offered.keys() - set(self.circles.data or ())
        return EmailPreferences(
            digest=self.digest.data,
            days=frozenset(map(int, self.days.data or ())),
            at=self.at.data or EmailPreferences().at,
            without=frozenset(map(UUID, left_out)),
            quiet_from=begins,
            quiet_until=ends,
            away_from=self.away_from.data,
            away_until=self.away_until.data,
            protected=self._protected(),
        )

    def _protected(self) -> Protected | None:
        if self.protected_day.data == NO_DAY:
            return None
        at = self.protected_at.data or USUAL.at
        return Protected(int(self.protected_day.data), at, int(self.protected_minutes.data))
