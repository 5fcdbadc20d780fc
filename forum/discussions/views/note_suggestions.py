"""A content note that a reader suggests to whoever wrote a reflection."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.core.db import unit_of_work
from forum.core.errors import TooMany
from forum.discussions import name_notes, thread_queries
from forum.discussions.forms import SuggestNoteForm
from forum.discussions.models import Thread
from forum.discussions.titles import NOTES
from forum.discussions.views import bp
from forum.policy import require
from forum.policy.standing import Standing
from forum.policy.terms import ContentNote
from forum.web import limits
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.language import in_english, spoken_on

PATH = "/circles/<uuid:circle_id>/threads/<uuid:thread_id>/content-note"
SUGGESTIONS_MOST = "10 per day"


@bp.get(PATH)
@in_circle
def content_note(standing: Standing, thread_id: UUID) -> str:
    """A form with the content notes that a reflection does not have."""
    thread = _shown(standing, thread_id)
    return _page(thread, SuggestNoteForm(formdata=None).without(thread.content_notes))


@bp.post(PATH)
@in_circle
def suggest_note(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Tell the presenter, without saying who suggests it."""
    thread = _shown(standing, thread_id)
    form = SuggestNoteForm().without(thread.content_notes)
    if not form.validate():
        return _page(thread, form), 422
    try:
        with unit_of_work():
            if name_notes.suggest(standing, thread, _words(thread, form), created_id()):
                limits.take("content notes", SUGGESTIONS_MOST, current_user.id)
    except TooMany as error:
        form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
        return _page(thread, form), 429, again_after(error)
    with spoken_on("discussions.show"):
        flash(_("Sent to the presenter, without your name."))
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)


def _shown(standing: Standing, thread_id: UUID) -> Thread:
    """A thread whose opening stands. Raises NotFound or Forbidden."""
    thread = thread_queries.thread(standing, thread_id)
    require(thread.hidden is None and not thread.withdrawn)
    return thread


def _words(thread: Thread, form: SuggestNoteForm) -> str:
    """Sentences that the presenter reads: in English, or the language would reveal who suggests it.
    The day names the reflection, since a title would outlive it."""
    with in_english():
        said = _(
            "A colleague suggests a content note for your reflection of %(day)s: %(note)s. "
            "You can add it where you change the post.",
            day=format_date(thread.appears_at.date(), "d MMMM"),
            note=NOTES[ContentNote(form.note.data)],
        )
        return str(said)


def _page(thread: Thread, form: SuggestNoteForm) -> str:
    return render_template("discussions/content_note.html", thread=thread, form=form)
