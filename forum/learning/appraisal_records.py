"""Appraisal record: chosen notes as one scheme sees them, with totals."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask_babel import format_date, format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from forum.core.clock import now
from forum.learning.queries import Note
from forum.learning.schemes import Scheme

NOTES_PER_FILE = 500
QUARTER = 15  # minutes


@dataclass(frozen=True, slots=True)
class Entry:
    """A note in a record. sections: heading and text, of what was written.

    month_end: last day of its month, or today if that comes first; no page or file that leaves the
    forum has the day itself.
    """

    number: int
    title: str = field(repr=False)
    month: str
    month_end: date
    minutes: int
    kinds: tuple[tuple[str, int], ...]  # label, minutes
    domain: str
    ticks: tuple[str, ...]
    sections: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def about(self) -> str:
        """Month, minutes, kinds, domain and ticks in one line."""
        kinds = [
            f"{label} ({minutes_in_words(minutes)})" if len(self.kinds) > 1 else label
            for label, minutes in self.kinds
        ]
        parts = (self.month, minutes_in_words(self.minutes), *kinds, self.domain, *self.ticks)
        return " · ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Record:
    """Notes chosen for an appraisal. title: "Peer reflection, 2026"; totals: label, words."""

    title: str
    scheme: Scheme
    entries: tuple[Entry, ...]
    totals: tuple[tuple[str, str], ...]
    total: str

    @property
    def file_name(self) -> str:
        """File name without its ending: nothing in it names the site or a person."""
        return self.title.lower().replace(",", "").replace(" ", "-")


def record(notes: Sequence[Note], scheme: Scheme, title: str = "") -> Record:
    """Record of notes in the order of their days. title: of a part; else made from their years."""
    ordered = sorted(notes, key=lambda each: (each.content.day, each.number))
    entries = tuple(entry(each, scheme) for each in ordered)
    minutes = Counter[str]()
    for each in entries:
        minutes.update(dict(each.kinds))
    return Record(
        title or _title([each.content.day.year for each in ordered]),
        scheme,
        entries,
        tuple((label, hours(each, scheme)) for label, each in minutes.items()),
        hours(sum(each.minutes for each in entries), scheme),
    )


def parts(notes: Sequence[Note], scheme: Scheme, begins: int = 0) -> dict[str, list[Note]]:
    """Notes of each file by its title; one file, unless there are more than NOTES_PER_FILE.

    Then a file for each year of the scheme, and for each NOTES_PER_FILE of a year.
    """
    if len(notes) <= NOTES_PER_FILE:
        return {_title([each.content.day.year for each in notes]): list(notes)}
    years: dict[int, list[Note]] = {}
    for each in sorted(notes, key=lambda each: (each.content.day, each.number)):
        years.setdefault(scheme.year_of(each.content.day, begins), []).append(each)
    return {
        title: some
        for year, found in years.items()
        for title, some in _parts_of_year(year_in_words(year, scheme, begins), found)
    }


def _parts_of_year(year: str, notes: list[Note]) -> Iterator[tuple[str, list[Note]]]:
    title = _("Peer reflection, %(years)s", years=year)
    if len(notes) <= NOTES_PER_FILE:
        yield title, notes
        return
    for number, first in enumerate(range(0, len(notes), NOTES_PER_FILE), 1):
        some = notes[first : first + NOTES_PER_FILE]
        yield _("%(title)s, part %(number)d", title=title, number=number), some


def year_in_words(year: int, scheme: Scheme, begins: int = 0) -> str:
    """A scheme's year: "2026", or "2026 to 2027"."""
    if (begins or scheme.year_begins) == 1:
        return str(year)
    return str(_("%(first)d to %(last)d", first=year, last=year + 1))


def minutes_of_kinds(note: Note, scheme: Scheme) -> dict[str, int]:
    """Minutes of a note by kind of the scheme; a split leaves the rest to the note's own kind."""
    content = note.content
    is_own = content.scheme == scheme.key
    split = {
        key: content.split[key] for key in scheme.split if is_own and content.split.get(key, 0)
    }
    kind = scheme.kind(content.kind if is_own else "")
    rest = content.minutes - sum(split.values())
    found = {kind: max(0, rest)} if rest > 0 or not split else {}
    for key, minutes in split.items():
        found[key] = found.get(key, 0) + minutes
    return found


def entry(note: Note, scheme: Scheme) -> Entry:
    """A note as a scheme sees it: what was said for another scheme is left out."""
    content = note.content
    is_own = content.scheme == scheme.key
    headings = (
        (_("What I learned"), content.learned),
        (_("What I will do differently"), content.will_change),
        (_("Evidence, or the goal in my plan"), content.evidence),
    )
    kinds = minutes_of_kinds(note, scheme)
    return Entry(
        note.number,
        content.title,
        month_in_words(content.day),
        min(_month_end(content.day), now().date()),
        content.minutes,
        tuple((scheme.label(key), minutes) for key, minutes in kinds.items()),
        scheme.label(content.domain) if is_own else "",
        tuple(scheme.label(each) for each in content.ticks) if is_own else (),
        tuple((str(heading), text) for heading, text in headings if text),
    )


def month_in_words(day: date) -> str:
    """Month of a day: "May 2026"."""
    return str(format_date(day, "MMMM y"))


def suggested_title(day: date) -> str:
    """Title filled in for a note: "Peer reflection, May 2026"."""
    return str(_("Peer reflection, %(years)s", years=month_in_words(day)))


def minutes_in_words(minutes: int) -> str:
    """Minutes as an estimate: "25 minutes"."""
    return str(ngettext("%(num)d minute", "%(num)d minutes", minutes)) if minutes else ""


def hours(minutes: int, scheme: Scheme) -> str:
    """A total in the unit of a scheme, rounded down once, to a quarter hour: "6.25 credits"."""
    amount = Decimal(minutes // QUARTER) / 4
    number = format_decimal(amount, "0.##")
    one = get_locale().plural_form(amount.normalize()) == "one"
    if scheme.unit == "hours":
        known = _("%(number)s hour", number=number) if one else _("%(number)s hours", number=number)
    else:
        known = (
            _("%(number)s credit", number=number) if one else _("%(number)s credits", number=number)
        )
    return str(known)


def _title(years: Sequence[int]) -> str:
    first, last = min(years, default=0), max(years, default=0)
    known = str(first) if first == last else _("%(first)d to %(last)d", first=first, last=last)
    return str(_("Peer reflection, %(years)s", years=known) if first else _("Peer reflection"))


def _month_end(day: date) -> date:
    later = date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 else None
    return date.fromordinal(later.toordinal() - 1) if later else day
