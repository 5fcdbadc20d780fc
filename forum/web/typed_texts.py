"""Every text that somebody types and somebody else may read, and how far the checker goes there.

A text field of a form stands in exactly one of the two lists, as "module.Form.field"; a test reads
all forms and fails for a field in neither.
"""

from collections.abc import Iterator
from enum import StrEnum
from fnmatch import fnmatchcase

from flask_babel import ngettext
from wtforms import Field, StringField

from forum.checker import Finding, check, help_topics
from forum.web.flash import flash
from forum.web.forms import Form
from forum.web.help_panels import offer_help
from forum.web.language import chosen_language
from forum.web.number_words import spelt


class Treatment(StrEnum):
    """Consequence of findings in a text for whoever sends it."""

    ASKS = "asks"  # changed, or kept for a reason, before anybody else reads it
    NUDGES = "nudges"  # sent as it is; a sentence on the next page says how many there are
    MARKS = "marks"  # an import or an export: noted beside each post


CHECKED = {
    "discussions.ReflectionForm.title": Treatment.ASKS,
    "discussions.ReflectionForm.field_*": Treatment.ASKS,  # of its template
    "discussions.ReplyForm.body": Treatment.ASKS,
    "discussions.NoteAnswerForm.words": Treatment.NUDGES,
    "discussions.ThemesForm.words": Treatment.ASKS,
    "moderation.FlagForm.words": Treatment.NUDGES,
    "moderation.MessageForm.words": Treatment.NUDGES,
    "moderation.ConcernForm.words": Treatment.NUDGES,
    "moderation.AnswerForm.words": Treatment.NUDGES,
    "moderation.NoteForm.words": Treatment.NUDGES,
    "moderation.AskForm.asked": Treatment.NUDGES,
    "moderation.LockForm.reason": Treatment.NUDGES,
    "moderation.HoldForm.hold_reason": Treatment.NUDGES,
    "offboarding.export.posts": Treatment.MARKS,  # no form either: words that stand already
    "discussions.imports.title": Treatment.MARKS,  # no form: see discussions.imports
    "discussions.imports.text": Treatment.MARKS,
}
_FACTS = "an address, a name or a secret, asked for as what it is"
_CIRCLE = "says what a circle is, before or without any case; its moderators stand for it"
_OWN_NOTES = "read by its writer alone; checked with the appraisal record that it becomes part of"
EXEMPT = {
    "discussions.ReplyForm.excerpt": "words of a post that stands already, word for word",
    "discussions.KeepForm.note": "read by its writer alone",
    "learning.LearnedForm.*": _OWN_NOTES,
    "learning.NoteForm.*": _OWN_NOTES,
    "learning.SearchNotesForm.words": "read by nobody, and stored nowhere",
    "circles.OpenForm.name": _CIRCLE,
    "circles.SettingsForm.name": _CIRCLE,
    "circles.SettingsForm.purpose": _CIRCLE,
    "circles.SettingsForm.rules": _CIRCLE,
    "circles.SettingsForm.topics": _CIRCLE,
    "circles.SettingsForm.slots": "times of day",
    "circles.InviteForm.words": _CIRCLE,
    "circles.InviteForm.for_whom": "names a colleague, for whoever sends the link",
    "circles.InviteForm.addresses": _FACTS,
    "circles.GroupLinkForm.places": "a number",
    "circles.AskForm.*": _FACTS,
    "circles.OwnNameForm.name": _FACTS,
    "circles.NameForm.pseudonym": _FACTS,
    "circles.AccountForm.*": _FACTS,
    "circles.ConfirmForm.password": _FACTS,
    "offboarding.CopyForm.password": _FACTS,
    "accounts.*": _FACTS,
    "programme.*": _FACTS,
    "safety.*": "said to guardians alone, sealed, where a detail may save a life",
    "search.SearchForm.words": "read by nobody, and stored nowhere",
}


def treatment(form: type[Form], field: str) -> Treatment | None:
    """Check of a text field; None where it is exempt. Raises LookupError for a field in no list."""
    name = f"{_room(form)}.{_named(form)}.{field}"
    for pattern, how in CHECKED.items():
        if fnmatchcase(name, pattern):
            return how
    if any(fnmatchcase(name, pattern) for pattern in EXEMPT):
        return None
    raise LookupError(f"{name} is neither in CHECKED nor in EXEMPT of {__name__}")


def text_fields(form: Form) -> Iterator[tuple[str, Field]]:
    """Fields into which words are typed, by name."""
    return ((name, field) for name, field in form._fields.items() if is_text(field))


def is_text(field: Field) -> bool:
    """Whether a field takes words: text, text area, search, address, password."""
    return isinstance(field, StringField) and getattr(field.widget, "input_type", "") != "hidden"


def details(form: Form, *, rural: bool) -> list[Finding]:
    """Findings in all texts of a form that others may read. rural: of the circle."""
    language = chosen_language()
    return [
        finding for text in _texts(form) for finding in check(text, rural=rural, language=language)
    ]


def nudge(form: Form, *, rural: bool) -> None:
    """Flash that what was sent holds details; it was sent as it is.

    Words of despair or of danger bring help there, as they do in a post.
    To moderators and from them: who writes "ring me on …" must get through.
    rural: of the circle.
    """
    for text in _texts(form):
        offer_help(help_topics(text))
    if number := len(details(form, rural=rural)):
        said = ngettext(
            "Your text has a detail that could identify someone. It was sent as it is.",
            "Your text has %(number)s details that could identify someone. It was sent as it is.",
            number,
            number=spelt(number),
        )
        flash(str(said))


def _texts(form: Form) -> list[str]:
    """Values of the fields read by members."""
    return [
        field.data
        for name, field in text_fields(form)
        if treatment(type(form), name) and field.data
    ]


def _room(form: type[Form]) -> str:
    return _listed(form).__module__.split(".")[1]


def _named(form: type[Form]) -> str:
    return _listed(form).__name__


def _listed(form: type[Form]) -> type[Form]:
    """The form class of the module; `reflection_form` makes a class for each template."""
    return next(each for each in form.__mro__ if not each.__dict__.get("made_for_template"))
