"""Pages of learning notes: list, search, writing, changing, deleting."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions import thread_queries
from forum.discussions.phrases import heading
from forum.learning import appraisal_records, queries, services
from forum.learning.forms import (
    NOT_THE_CASE,
    DeleteNoteForm,
    LearnedForm,
    NoteForm,
    SearchNotesForm,
)
from forum.learning.note_content import NoteContent
from forum.learning.queries import Note
from forum.learning.schemes import Scheme, scheme_of_zone
from forum.learning.views import bp, number_in, scheme_of
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text
from forum.web.paging import page_asked, slice_of
from forum.web.request_guards import long_form, sealed_url

NOTES_PER_PAGE = 25
ABOUT, FOUND = "learning.about", "learning.found"  # places of sealed values


@bp.get("/learning")
def index() -> str:
    """The member's notes of a year, or all, newest first."""
    return _list(queries.notes(current_user.id), SearchNotesForm(formdata=None))


@bp.post("/learning")
@keeps_text
def search() -> ResponseReturnValue:
    """Seal the words looked for, and redirect to their page."""
    form = SearchNotesForm()
    if not form.validate():
        return _list(queries.notes(current_user.id), form), 422
    if not form.words.data:
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".found", token=tokens.sealed(form.words.data, _place(FOUND))), 303)


@bp.get("/learning/found/<token>")
@sealed_url
def found(token: str) -> ResponseReturnValue:
    """Notes that hold all words looked for."""
    words = tokens.opened(token, _place(FOUND))
    if words is None:
        return redirect(url_for(".index"), 303)
    notes = queries.holding(queries.notes(current_user.id), words)
    form = SearchNotesForm(formdata=None, words=words)
    return _list(notes, form, words=words, url=url_for(".found", token=token))


@bp.get("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/learned")
@in_circle
def keep(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Two questions on a thread's lesson; the note on the thread, if any."""
    thread = thread_queries.thread(standing, thread_id)
    if known := queries.note_of_thread(current_user.id, thread.id):
        return redirect(url_for(".note", note_number=known.number), 303)
    day = _today()
    form = LearnedForm(
        formdata=None,
        about=tokens.sealed(str(thread.id), _place(ABOUT)),
        title=appraisal_records.suggested_title(day),
        day=day,
        minutes=queries.suggested_minutes(standing, thread.id),
    )
    return _keep_page(form, back=(url_of(thread), heading(thread)))


@bp.route("/learning/new", methods=["GET", "POST"])
@long_form
@keeps_text
def new() -> ResponseReturnValue:
    """A note of something else; also where the form about a thread is sent.

    It is sent to no address of the circle, so what was typed is kept even if the thread is erased
    or the membership ends meanwhile.
    """
    form = LearnedForm(day=_today()) if request.method == "GET" else LearnedForm()
    if not form.validate_on_submit():
        return _keep_page(form), 422 if form.errors else 200
    known = tokens.opened(form.about.data, _place(ABOUT))
    content = form.content(_blank(), _today())
    try:
        with unit_of_work():
            number = services.write(
                current_user.id,
                content,
                thread_id=UUID(known) if known else None,
                form_mark=created_id().hex,
            )
    except InvalidInput as error:
        form.refuse(error)
        return _keep_page(form), 422
    flash(_("Saved. Only you can read it."))
    return redirect(url_for(".index", note=number), 303)


@bp.route("/learning/<int:note_number>", methods=["GET", "POST"])
@long_form
@keeps_text
def note(note_number: int) -> ResponseReturnValue:
    """A note, to be changed."""
    known = queries.note(current_user.id, note_number)
    chosen = scheme_of(known.content)
    form = NoteForm()
    form.offer(chosen)
    if request.method == "GET":
        form.show(known)
        form.show_scheme(known.content, chosen)
        return _note_page(known, form, chosen)
    if not (form.validate() and form.is_sound()):
        return _note_page(known, form, chosen), 422
    content = form.content(known.content, _today())
    try:
        with unit_of_work():
            services.change(current_user.id, note_number, content, form.version.data or "")
    except InvalidInput as error:
        form.refuse(error)
        form.version.data = known.version
        return _note_page(known, form, chosen, other=known), 422
    if content.scheme != chosen.key:
        flash(_("Changes saved. Kinds and domains are those of the scheme you chose."))
        return redirect(url_for(".note", note_number=note_number), 303)
    flash(_("Changes saved."))
    return redirect(url_for(".index", note=note_number), 303)


@bp.route("/learning/<int:note_number>/delete", methods=["GET", "POST"])
@keeps_text
def delete(note_number: int) -> ResponseReturnValue:
    """Confirm, and delete a note."""
    if request.method == "POST" and queries.is_deleted(current_user.id, note_number):
        return _deleted()  # pressed twice
    known = queries.note(current_user.id, note_number)
    form = DeleteNoteForm()
    if not form.validate_on_submit():
        return render_template(
            "learning/delete.html", note=known, form=form, scheme=scheme_of(known.content)
        ), 422 if form.errors else 200
    with unit_of_work():
        if not queries.is_deleted(current_user.id, note_number):  # by a press that came first
            services.delete(current_user.id, note_number)
    return _deleted()


def _deleted() -> ResponseReturnValue:
    flash(_("Note deleted."))
    return redirect(url_for(".index"), 303)


def url_of(thread: Any) -> str:
    """Address of a thread."""
    return url_for("discussions.show", circle_id=thread.circle_id, thread_id=thread.id)


def _list(notes: list[Note], form: SearchNotesForm, *, words: str = "", url: str = "") -> str:
    years = Counter(each.content.day.year for each in notes)
    year = request.args.get("year", "")
    of_year = [each for each in notes if str(each.content.day.year) == year] or notes
    year = year if of_year is not notes else ""
    chosen = scheme_of(notes[0].content) if notes else scheme_of_zone(current_user.timezone)
    shown, last = slice_of(of_year, page_asked(), NOTES_PER_PAGE)
    return render_template(
        "learning/index.html",
        entries=[appraisal_records.entry(each, scheme_of(each.content)) for each in shown],
        years=sorted(years, reverse=True),
        year=year,
        number=len(of_year),
        total=appraisal_records.hours(sum(each.content.minutes for each in of_year), chosen),
        scheme=chosen,
        form=form,
        words=words,
        url=url or url_for(".index"),
        page=page_asked(),
        last=last,
        just=number_in(request.args.get("note", "")),
    )


def _keep_page(form: LearnedForm, back: tuple[str, str] | None = None) -> str:
    return render_template("learning/keep.html", form=form, back=back, not_the_case=NOT_THE_CASE)


def _note_page(known: Note, form: NoteForm, chosen: Scheme, other: Note | None = None) -> str:
    return render_template(
        "learning/note.html",
        note=known,
        form=form,
        scheme=chosen,
        kind_hints={each.key: each.hint for each in chosen.kinds if each.hint},
        other=other,
        not_the_case=NOT_THE_CASE,
    )


def _blank() -> NoteContent:
    """Content of a new note, for the scheme of the member's last one."""
    notes = queries.notes(current_user.id)
    chosen = scheme_of(notes[0].content) if notes else scheme_of_zone(current_user.timezone)
    return NoteContent(scheme=chosen.key, kind=chosen.filled_in)


def _today() -> date:
    return now().astimezone(current_user.zone).date()


def _place(of: str) -> str:
    """Place of a value sealed for this member alone."""
    return f"{of}|{current_user.id}"
