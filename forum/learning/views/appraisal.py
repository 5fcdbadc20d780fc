"""Choosing notes for an appraisal, checking them, and the file made from them."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts.queries import account
from forum.circles.queries import circles_of
from forum.discussions.detail_pages import page_values
from forum.discussions.details import LookedOver, look_over_texts
from forum.learning import appraisal_records, queries
from forum.learning.exports import Format, exported
from forum.learning.forms import MONTHS, ChooseForm
from forum.learning.note_keys import NoteKeys
from forum.learning.pdf import PdfFailed
from forum.learning.queries import Note
from forum.learning.schemes import Scheme, scheme, scheme_of_zone, schemes
from forum.learning.views import bp, number_in, scheme_of
from forum.web import limits
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import chosen_language

FILES = "30 per hour"
LOOKS = "60 per hour"  # over a whole record, which may take seconds


@bp.get("/learning/appraisal")
def appraisal() -> str:
    """Notes of a year to choose from, those with a change first, and the scheme."""
    form = ChooseForm(formdata=None)
    return _choose_page(
        form, request.args, {number_in(each) for each in request.args.getlist("note")}
    )


@bp.post("/learning/appraisal")
@keeps_text
def look() -> ResponseReturnValue:
    """The record as it will look, with the checker's findings."""
    form, chosen = _chosen()
    if form.errors:
        return _choose_page(form, request.form, set(form.notes.data or ())), 422
    limits.take("learning.looks", LOOKS, current_user.id)
    return _look_page(form, chosen)


@bp.post("/learning/appraisal/file")
@keeps_text
def download() -> ResponseReturnValue:
    """The file of the button pressed, once every detail that asks is answered."""
    form, chosen = _chosen()
    if form.errors:
        return _choose_page(form, request.form, set(form.notes.data or ())), 422
    parts = list(appraisal_records.parts(chosen, form.chosen, form.month).items())
    kind, _blank, place = request.form.get("file", "").partition(" ")
    if kind not in set(Format) or number_in(place) not in range(len(parts)):
        return _look_page(form, chosen), 422
    limits.take("learning.files", FILES, current_user.id)
    if _looked(form, chosen).decided(request.form).open:
        return _look_page(form, chosen, refused=True), 422
    title, notes = parts[int(place)]
    try:
        file = exported(appraisal_records.record(notes, form.chosen, title), Format(kind))
    except PdfFailed:
        flash(_("No PDF could be made here. Markdown and the sheet hold the same words."))
        return _look_page(form, chosen), 422
    return send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        etag=False,
    )


def _chosen() -> tuple[ChooseForm, list[Note]]:
    """The form as sent, and the notes ticked in it, or all of its year; with errors if none."""
    form, notes = ChooseForm(), queries.notes(current_user.id)
    form.offer({each.number for each in notes})
    form.validate()
    if form.everything.data:
        chosen = _of_year(notes, form.chosen, request.form.get("year", ""), form.month)
    else:
        ticked = set(form.notes.data or ())
        chosen = [each for each in notes if each.number in ticked]
    if not (chosen or form.errors):
        form.notes.errors = [_("Choose at least one note.")]
    return form, chosen


def _of_year(notes: list[Note], of: Scheme, year: str, begins: int) -> list[Note]:
    """Notes of a scheme's year; all for any other text."""
    found = [each for each in notes if str(of.year_of(each.content.day, begins)) == year]
    return found if year.isdigit() else notes


def _choose_page(form: ChooseForm, sent: Any, ticked: set[int | None]) -> str:
    notes = queries.notes(current_user.id)
    of = scheme(sent.get("scheme", "")) or (
        scheme_of(notes[0].content) if notes else scheme_of_zone(current_user.timezone)
    )
    month = number_in(sent.get("begins", "")) or 0
    begins = month if of.own_month and month in MONTHS else of.year_begins
    years = sorted({of.year_of(each.content.day, begins) for each in notes}, reverse=True)
    just = next((each for each in notes if each.number in ticked), None)
    newest = just or (notes[0] if notes else None)
    year = sent.get("year", "") or (
        str(of.year_of(newest.content.day, begins)) if newest else "all"
    )
    shown = sorted(_of_year(notes, of, year, begins), key=lambda each: not each.content.will_change)
    return render_template(
        "learning/appraisal.html",
        form=form,
        scheme=of,
        schemes=schemes().values(),
        begins=begins,
        checked_on=format_date(of.checked_on, "d MMMM y"),
        months=[(number, format_date(date(2001, number, 1), "MMMM")) for number in MONTHS],
        year=year,
        years=[(str(each), appraisal_records.year_in_words(each, of, begins)) for each in years]
        + [("all", _("All years"))],
        entries=[appraisal_records.entry(each, of) for each in shown],
        chosen=ticked - {None},
    )


def _look_page(form: ChooseForm, chosen: list[Note], *, refused: bool = False) -> str:
    looked = _looked(form, chosen)
    return render_template(
        "learning/look.html",
        scheme=form.chosen,
        begins=form.month or form.chosen.year_begins,
        numbers=[each.number for each in chosen],
        record=appraisal_records.record(chosen, form.chosen),
        files=appraisal_records.parts(chosen, form.chosen, form.month),
        most=appraisal_records.NOTES_PER_FILE,
        again=url_for(
            ".appraisal", scheme=form.chosen.key, begins=form.month or None, note=_few(chosen)
        ),
        **page_values(looked, refused=refused),
    )


def _few(chosen: list[Note]) -> list[int]:
    """Numbers for the way back, as many as an address takes."""
    return [each.number for each in chosen][:50]


def _looked(form: ChooseForm, chosen: list[Note]) -> LookedOver:
    """Findings in all texts of the record; suggestions are left to the note's own page."""
    record = appraisal_records.record(chosen, form.chosen)
    texts = {f"{each.number}.title": each.title for each in record.entries}
    for each in record.entries:
        texts |= {f"{each.number}.{place}": text for place, (_h, text) in enumerate(each.sections)}
    key = NoteKeys(account(current_user.id)).detail_key()
    rural = any(circle.rural for circle in circles_of(current_user.id))
    found = look_over_texts(texts, key, (), chosen_language(), rural=rural)
    return replace(found, details=tuple(replace(each, instead="") for each in found.details))
