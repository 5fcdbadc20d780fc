"""Titles of reflections: as typed; where a template leaves it open, the first words."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from forum import markup
from forum.discussions.composer import Reflection
from forum.policy.terms import ContentNote
from forum.web.language import in_language_of, languages

NOTES = {
    ContentNote.SUICIDE_OR_SELF_HARM: _l("suicide or self-harm"),
    ContentNote.PATIENT_DEATH: _l("a patient's death"),
    ContentNote.CHILD_DEATH: _l("a child's death"),
    ContentNote.PREGNANCY_LOSS: _l("losing a pregnancy"),
    ContentNote.VIOLENCE_OR_ABUSE: _l("violence or abuse"),
    ContentNote.SEXUAL_VIOLENCE: _l("sexual violence"),
    ContentNote.SAFEGUARDING: _l("safeguarding"),
    ContentNote.MEDICAL_ERROR: _l("a medical error"),
    ContentNote.COMPLAINT_OR_LITIGATION: _l("a complaint or claim"),
    ContentNote.DISCRIMINATION: _l("discrimination"),
    ContentNote.COLLEAGUE_DEATH: _l("a colleague's death"),
    ContentNote.OTHER: lazy_pgettext("content note", "something else hard"),
}
FIRST_WORDS_MAX = 60  # characters


def title_of(words: Reflection) -> str:
    """The title under which a reflection stands in lists.

    Without a title, the content notes, since they fold the text, in its language: the page's would
    narrow who hides behind a name. Without notes, the first words.
    """
    if words.title:
        return words.title
    if words.notes:
        return _notes_in(words.spoken, words)
    texts = (words.fields.get(each.key, "") for each in words.shape.fields if not each.choices)
    lines = (markup.first_line(markup.render(text), FIRST_WORDS_MAX) for text in texts)
    return next(filter(None, lines), "") or _untitled_in(words.spoken)


def typed_title(words: Reflection) -> str:
    """The title in the box of a reflection's composer: empty where it was made from the words."""
    made = {title_of(replace(words, title=""))}
    if words.notes:  # its text may have been in another language then
        made |= {_notes_in(tag.split("-")[0], words) for tag in languages()}
    return words.title if words.shape.title_required or words.title not in made else ""


def _untitled_in(language: str) -> str:
    """Title of a text without a word, such as a line of dashes."""
    with in_language_of(language):
        return str(_l("Without a title"))


def _notes_in(language: str, words: Reflection) -> str:
    with in_language_of(language):
        listed = ", ".join(str(NOTES[note]) for note in words.notes)
    return listed[:1].upper() + listed[1:]
