"""Help for whoever writes here: the operator's list of lines to ring, and of duties by country.

It lies in the instance folder as support.toml; docs/support-example.toml shows what it holds. An
entry shows for LIFE after the day on which the operator last checked it, the country's emergency
number always. A file that cannot be used keeps the forum from starting; the error names the line.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from textwrap import shorten

from babel.core import get_global
from flask import Flask, current_app
from flask_babel import gettext as _
from flask_login import current_user

from forum.core.clock import now
from forum.rounds.definition_files import Refused, Table, opened

FILE = "support.toml"
LIFE = timedelta(days=183)  # from the day an entry was checked
NOTICE = timedelta(days=30)  # before an entry hides, its operator is told
DUTY_SHOWN = 60  # characters of a duty, where it stands for a name

# Emergency numbers by territory, the better known first, as each country's emergency call service
# publishes them; 112 besides: Directive (EU) 2018/1972, article 109, and the UK's Ofcom alike.
EMERGENCY = {
    **dict.fromkeys(("GB", "GG", "IM", "JE"), ("999", "112")),
    **{"IE": ("112", "999"), "AU": ("000",), "NZ": ("111",), "CA": ("911",), "US": ("911",)},
}


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody to ring or write to. checked_on: none where nobody has checked it yet."""

    name: str
    contact: str
    hours: str = ""
    for_whom: str = ""
    note: str = ""
    url: str = ""
    emergency: bool = False
    checked_on: date | None = None

    @property
    def telephone(self) -> str:
        """The contact for a telephone to call; "" where it is none."""
        known = self.contact.replace("(0)", "") if self.contact[:1] == "+" else self.contact
        is_number = re.fullmatch(r"\+?[\d\s().-]{2,}", known)
        return re.sub(r"[^\d+]", "", known) if is_number else ""

    def shows(self, today: date) -> bool:
        """Whether it was checked lately enough; an emergency number always is."""
        return self.emergency or (self.checked_on is not None and today <= self.checked_on + LIFE)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a law or a regulator may ask of a reader or a writer."""

    words: str
    url: str = ""
    checked_on: date | None = None

    def shows(self, today: date) -> bool:
        """Whether it was checked lately enough."""
        return self.checked_on is not None and today <= self.checked_on + LIFE


@dataclass(frozen=True, slots=True)
class Support:
    """The operator's list for one country."""

    country: str = ""
    lines: tuple[Line, ...] = ()
    duties: tuple[Duty, ...] = ()


def init_app(app: Flask) -> None:
    """Read the list once. Ends the program where it cannot be used."""
    file = Path(app.config["INSTANCE"], FILE)
    try:
        app.extensions["support"] = read(file) if file.exists() else Support()
    except Refused as error:
        raise SystemExit(str(error)) from None
    app.jinja_env.globals |= {
        "emergency_numbers": emergency_numbers,
        "ring_now": ring_now,
        "watches_nobody": watches_nobody,
        "support_lines": lines,
        "support_duties": duties,
        "support_is_there": is_there,
        "support_soon_hidden": soon_hidden,
    }


def read(file: Path) -> Support:
    """The list of a file. Raises Refused (file, line and reason)."""
    top = opened(file)
    top.close("country", "line", "duty")
    found = tuple(map(_line, top.tables("line")))
    return Support(top.text("country", ""), found, tuple(map(_duty, top.tables("duty"))))


def lines() -> list[Line]:
    """Entries to show today, the emergency number first."""
    shown = [each for each in _support().lines if each.shows(_today())]
    return sorted(shown, key=lambda each: not each.emergency)


def emergency_numbers() -> tuple[str, ...]:
    """Numbers to ring in an emergency: the operator's, else those of the reader's time zone; empty
    where neither is known."""
    given = tuple(each.contact for each in _support().lines if each.emergency)
    if given or not current_user.is_authenticated:
        return given
    territory = get_global("zone_territories").get(current_user.timezone, "")
    return EMERGENCY.get(territory, ())


def ring_now() -> str:
    """Sentence that nobody watches, and whom to ring."""
    if known := emergency_numbers():
        return str(
            _(
                "Nobody watches this day and night. If someone may be hurt now, ring %(number)s.",
                number=known[0],
            )
        )
    return str(
        _(
            "Nobody watches this day and night. If someone may be hurt now, ring your local "
            "emergency number."
        )
    )


def watches_nobody() -> str:
    """Sentence for whoever looks after others: nobody watches at night, and whom to ring."""
    if known := emergency_numbers():
        return str(
            _(
                "Nobody watches at night. If you know who or where, ring %(number)s now.",
                number=known[0],
            )
        )
    return str(
        _(
            "Nobody watches at night. If you know who or where, ring your local emergency number"
            " now."
        )
    )


def duties() -> list[Duty]:
    """Duties to show today, as the operator ordered them."""
    return [each for each in _support().duties if each.shows(_today())]


def is_there() -> bool:
    """Whether the operator has a list at all, so that pages may lead to it."""
    return bool(_support().lines)


def soon_hidden() -> list[str]:
    """Names of entries that hide within NOTICE, or do so already, for whoever keeps the list; of a
    duty its beginning.
    """
    until = _today() + NOTICE
    names = [each.name for each in _support().lines if not each.shows(until)]
    duties = (each.words for each in _support().duties if not each.shows(until))
    return names + [shorten(words, DUTY_SHOWN, placeholder=" …") for words in duties]


def _support() -> Support:
    found: Support = current_app.extensions["support"]
    return found


def _today() -> date:
    return now().date()


def _line(table: Table) -> Line:
    table.close(
        "name", "contact", "hours", "for_whom", "note", "url", "emergency", "checked_on"
    )  # fmt: skip
    return Line(
        table.text("name"), table.text("contact"), table.text("hours", ""),
        table.text("for_whom", ""), table.text("note", ""), _address(table),
        table.flag("emergency"), table.day("checked_on"),
    )  # fmt: skip


def _duty(table: Table) -> Duty:
    table.close("words", "url", "checked_on")
    return Duty(table.text("words"), _address(table), table.day("checked_on"))


def _address(table: Table) -> str:
    found = table.text("url", "")
    if found and not found.startswith("https://"):
        table.refuse("url", f"is {found!r}, which does not begin with https://")
    return found
