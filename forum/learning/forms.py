"""Forms of learning notes, and of the appraisal record made from them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from forum.core.clock import now
from forum.learning.appraisal_records import suggested_title
from forum.learning.note_content import NoteContent
from forum.learning.queries import Note
from forum.learning.schemes import Scheme, scheme, schemes
from forum.web.forms import Form, choices, one_line, trimmed

TEXT_MAX = 20_000  # characters of each text
TITLE_MAX = 120  # characters
MINUTES_MAX = 600  # of one note
FIRST_YEAR = 1970  # of a note; its last is the next
MONTHS = range(1, 13)
_LONG = Length(max=TEXT_MAX, message=_l("At most 20,000 characters, please."))
NOT_THE_CASE = _l("Write what you learned, not the case: a court can ask for reflective notes.")


def _sensible_day(_form: Form, field: DateField) -> None:
    """Refuse mistyped years, such as 9999 and 0206."""
    last = now().year + 1
    if field.data and not FIRST_YEAR <= field.data.year <= last:
        raise ValidationError(
            _("Choose a day from %(first)s to %(last)s.", first=FIRST_YEAR, last=last)
        )


def _in_range(_form: Form, field: IntegerField) -> None:
    """Refuse all but 0 to MINUTES_MAX. The library's NumberRange fails above the largest float."""
    if field.data is None or not 0 <= field.data <= MINUTES_MAX:
        raise ValidationError(_("Use a number from 0 to 600."))


def _minutes(label: str) -> IntegerField:
    return IntegerField(label, [Optional(), _in_range])


class LearnedForm(Form):
    """Note on what a thread taught; two questions, and all else filled in."""

    about = HiddenField()  # sealed id of the thread: see views.ABOUT
    learned = TextAreaField(_l("What did you learn?"), [_LONG], filters=[trimmed])
    will_change = TextAreaField(_l("What will you do differently?"), [_LONG], filters=[trimmed])
    title = StringField(
        _l("Title"),
        [Length(max=TITLE_MAX, message=_l("At most 120 characters, please."))],
        filters=[one_line],
    )
    day = DateField(
        _l("Day"),
        [Optional(), _sensible_day],
        invalid_value_message=_l("Choose a day, such as 12/05/2026."),  # type: ignore[call-arg]  # not yet in stubs
    )
    minutes = _minutes(_l("Minutes"))

    def content(self, before: NoteContent, today: date) -> NoteContent:
        """Note as sent, on top of one before; a blank title, day and scheme are filled in."""
        day = self.day.data or today
        return replace(
            before,
            learned=self.learned.data or "",
            will_change=self.will_change.data or "",
            title=self.title.data or suggested_title(day),
            day=day,
            minutes=self.minutes.data or 0,
        )


class NoteForm(LearnedForm):
    """All of a note. made for one scheme: its kinds, domains and ticks are offered."""

    version = HiddenField()  # see queries.Note.version
    evidence = TextAreaField(_l("Evidence, or the goal in my plan"), [_LONG], filters=[trimmed])
    scheme = SelectField(_l("For"))
    kind = RadioField(_l("Kind"), [Optional()])
    domain = SelectField(_l("Domain (optional)"), [Optional()])
    ticks = SelectMultipleField(
        _l("Also about (optional)"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    split_1 = _minutes("")
    split_2 = _minutes("")

    def offer(self, chosen: Scheme) -> None:
        """Offer a scheme's choices. Fields without choices are removed."""
        self.scheme.choices = choices({each.key: each.name for each in schemes().values()})
        self.kind.choices = choices({each.key: each.label for each in chosen.kinds})
        self.kind.validate_choice = self.domain.validate_choice = False  # of another scheme
        self.ticks.validate_choice = False
        domains = {"": _("None")} | {each.key: each.label for each in chosen.domains}
        self.domain.choices = choices(domains)
        self.ticks.choices = choices({each.key: each.label for each in chosen.ticks})
        if not chosen.domains:
            del self.domain
        if not chosen.ticks:
            del self.ticks
        for number in (1, 2):
            name = f"split_{number}"
            if number <= len(chosen.split):
                self[name].label.text = chosen.label(chosen.split[number - 1])
            else:
                delattr(self, name)

    def show(self, note: Note) -> None:
        """Fill the fields from a note."""
        content = note.content
        for name in ("learned", "will_change", "evidence", "title", "day", "minutes"):
            self[name].data = getattr(content, name)
        self.version.data = note.version

    def show_scheme(self, content: NoteContent, chosen: Scheme) -> None:
        """Select what a note says about its scheme; for another scheme what is filled in."""
        is_own = content.scheme == chosen.key
        self.scheme.data = chosen.key
        self.kind.data = chosen.kind(content.kind if is_own else "")
        if self.domain is not None:
            self.domain.data = content.domain if is_own else ""
        if self.ticks is not None:
            self.ticks.data = list(content.ticks) if is_own else []
        for number, key in enumerate(chosen.split, 1):
            self[f"split_{number}"].data = (content.split.get(key) or None) if is_own else None

    def content(self, before: NoteContent, today: date) -> NoteContent:
        """Note as sent. A scheme chosen anew takes its filled-in kind."""
        sent = super().content(before, today)
        chosen = scheme(self.scheme.data) or next(iter(schemes().values()))
        known = {each.key for each in (*chosen.domains, *chosen.ticks)}
        domain = self.domain.data if self.domain is not None else ""
        ticks = self.ticks.data or [] if self.ticks is not None else []
        return replace(
            sent,
            evidence=self.evidence.data or "",
            scheme=chosen.key,
            kind=chosen.kind(self.kind.data or ""),
            domain=domain if domain in known else "",
            ticks=tuple(each for each in ticks if each in known),
            split=self._split(chosen),
        )

    def is_sound(self) -> bool:
        """Whether parts of the minutes fit into the minutes; adds an error if not."""
        parts = sum(self[name].data or 0 for name in ("split_1", "split_2") if name in self)
        if parts > (self.minutes.data or 0):
            said = _("These are more than the minutes of the note.")
            self.minutes.errors = [*self.minutes.errors, said]
        return not self.errors

    def _split(self, chosen: Scheme) -> dict[str, int]:
        sent = {
            key: self[f"split_{number}"].data or 0
            for number, key in enumerate(chosen.split, 1)
            if f"split_{number}" in self
        }
        return {key: minutes for key, minutes in sent.items() if minutes}


class SearchNotesForm(Form):
    """Words to look for in one's own notes."""

    words = StringField(
        _l("Search your notes"),
        [Length(max=200, message=_l("At most 200 characters, please."))],
        filters=[one_line],
    )


class DeleteNoteForm(Form):
    """Confirmation, by pressing alone."""


class ChooseForm(Form):
    """Notes for an appraisal record, and the scheme that it is for. begins: own month, or 0."""

    notes = SelectMultipleField(_l("Notes"), coerce=int)
    everything = SelectMultipleField(
        "", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    scheme = HiddenField()
    begins = HiddenField()

    def offer(self, numbers: Collection[int]) -> None:
        """Accept these notes."""
        self.notes.choices = [(each, str(each)) for each in numbers]
        self.everything.choices = choices({"all": _("All notes of this page")})

    @property
    def chosen(self) -> Scheme:
        """The scheme sent; the first one for an unknown key."""
        return scheme(self.scheme.data or "") or next(iter(schemes().values()))

    @property
    def month(self) -> int:
        """Month in which the member's own year begins, 1 to 12; 0 for the scheme's."""
        sent = self.begins.data or ""
        number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 3 else 0
        return number if number in MONTHS and self.chosen.own_month else 0
