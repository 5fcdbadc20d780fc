"""Notes of the moderators to an everyday name; those to a hidden one stand under "Your words"."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.discussions import name_notes, post_queries
from forum.discussions.forms import NoteAnswerForm
from forum.discussions.views import bp
from forum.policy.standing import Standing
from forum.web.access import hidden_posts
from forum.web.flash import flash
from forum.web.forms import keeps_text


@bp.get("/circles/<uuid:circle_id>/messages")
@in_circle
def messages(standing: Standing) -> str:
    """Notes to the reader's everyday name."""
    notes = name_notes.own(standing, masks=False)
    return render_template(
        "discussions/messages.html",
        circle=circle(standing),
        notes=notes,
        is_answerable=name_notes.is_answerable,
        token_of=lambda note: tokens.sealed("read", _place(note.id)),
    )


@bp.route("/circles/<uuid:circle_id>/notes/<hidden:note_id>", methods=["GET", "POST"])
@hidden_posts
@keeps_text
@in_circle
def answer_note(standing: Standing, note_id: UUID) -> ResponseReturnValue:
    """Answer a note of moderators once, from the name it was written to."""
    note, form = name_notes.own_note(standing, note_id), NoteAnswerForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                words, at_once = form.words.data or "", bool(form.at_once.data)
                name_notes.answer(standing, note, words, at_once=at_once)
            flash(_("Your answer is sent."))
            masked = note.author.mode.masked
            page = ".own_posts" if masked else ".messages"
            return redirect(url_for(page, circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
    shown = render_template(
        "discussions/answer_note.html",
        circle=circle(standing),
        note=note,
        form=form,
        slot=post_queries.slot_in_words(standing),
    )
    return shown, 422 if form.errors else 200


@bp.post("/circles/<uuid:circle_id>/messages/<uuid:note_id>")
@in_circle
def drop_message(standing: Standing, note_id: UUID) -> ResponseReturnValue:
    """Throw a note away; a second press changes nothing."""
    try:
        with unit_of_work():
            name_notes.drop(standing, note_id)
    except NotFound:
        if tokens.opened(request.form.get("token", ""), _place(note_id)) is None:
            raise
    flash(_("Message deleted."))
    return redirect(url_for(".index", circle_id=standing.circle_id), 303)


def _place(note_id: UUID) -> str:
    """Place of a token by which a page that showed this note to its reader is known."""
    return f"note|{note_id}|{current_user.id}"
