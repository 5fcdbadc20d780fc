"""Appraisal record as a file: PDF, Markdown, or a sheet of comma-separated values."""

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from unicodedata import bidirectional

from flask import render_template
from flask_babel import gettext as _

from forum.learning.appraisal_records import Record
from forum.learning.pdf import pdf

BOM = "\ufeff"  # by which spreadsheet programs know UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # full-width ones are meant
ZERO_WIDTH_SPACE = "\u200b"
_RUN = re.compile(r"\S{200}")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#+\-.!|~])")
_LINE_MARKS = re.compile(r"^( *(?:\d{1,9})?)([=)])", re.MULTILINE)  # underline of a heading; "1)"
_ENTITY = re.compile(r"&(?=#?\w+;)")


class Format(StrEnum):
    """Formats of an export."""

    PDF = "pdf"
    MARKDOWN = "md"
    CSV = "csv"


MEDIA_TYPES = {
    Format.PDF: "application/pdf",
    Format.MARKDOWN: "text/markdown",
    Format.CSV: "text/csv",
}


@dataclass(frozen=True, slots=True)
class File:
    """File to send."""

    name: str
    media_type: str
    content: bytes


def exported(record: Record, kind: Format) -> File:
    """A record as a file. Raises Busy, for a PDF alone."""
    made = {Format.PDF: _pdf, Format.MARKDOWN: _markdown, Format.CSV: _csv}[kind](record)
    return File(f"{record.file_name}.{kind}", MEDIA_TYPES[kind], made)


def _pdf(record: Record) -> bytes:
    return pdf(record_page(record))


def record_page(record: Record) -> str:
    """HTML of a record, of which its PDF is made."""
    ways = {"direction": _direction, "breakable": _breakable}
    return render_template("learning/record.html", record=record, **ways)


def _breakable(text: str) -> str:
    """A text that may be broken within long runs: fitting one to a line costs its square."""
    return _RUN.sub(lambda run: run.group() + ZERO_WIDTH_SPACE, text)


def _direction(text: str) -> str:
    """Direction of a text, from its first letter that has one: the writer knows no "auto".

    Source: Unicode Standard Annex 9, rules P2 and P3.
    """
    strong = (each for each in map(bidirectional, text) if each in ("L", "R", "AL"))
    return "ltr" if next(strong, "L") == "L" else "rtl"


def _markdown(record: Record) -> bytes:
    """Headings and texts; a text's own signs are shown, not read as Markdown."""
    parts = [f"# {_escaped(record.title)}", _escaped(f"{record.scheme.name} · {record.total}")]
    parts += [
        "\n".join(f"- {_escaped(label)}: {_escaped(words)}" for label, words in record.totals)
    ]
    for entry in record.entries:
        parts += [f"## {_escaped(entry.title)}", _escaped(entry.about)]
        for heading, text in entry.sections:
            parts += [f"### {_escaped(heading)}", _escaped(text).replace("\n", "  \n")]
    return ("\n\n".join(parts) + "\n").encode()


def _csv(record: Record) -> bytes:
    """One row for each kind of each note, dated with its month's last day."""
    into = StringIO()
    rows = csv.writer(into, quoting=csv.QUOTE_ALL, lineterminator="\r\n")  # RFC 4180
    rows.writerow(
        (
            *(_("Date"), _("Title"), _("Minutes"), _("Kind"), _("Domain"), _("Also about")),
            *(_("What I learned"), _("What I will do differently")),
            _("Evidence, or the goal in my plan"),
        )
    )
    for entry in record.entries:
        texts = dict(entry.sections)
        headings = (
            *(_("What I learned"), _("What I will do differently")),
            _("Evidence, or the goal in my plan"),
        )
        for kind, minutes in entry.kinds:
            cells = (
                *(entry.month_end.isoformat(), entry.title, str(minutes), kind, entry.domain),
                *("; ".join(entry.ticks), *(texts.get(each, "") for each in headings)),
            )
            rows.writerow([_safe(each) for each in cells])
    return (BOM + into.getvalue()).encode()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _escaped(text: str) -> str:
    """Text whose signs Markdown leaves alone."""
    shown = _LINE_MARKS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))
    return _ENTITY.sub("&amp;", shown)
