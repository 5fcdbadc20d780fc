"""Rows of lists of threads, ready for a template: addresses and words are made once for each."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import g
from flask_babel import gettext as _

from forum.discussions.forms import WISHES
from forum.discussions.listings import Listing
from forum.discussions.phrases import heading
from forum.discussions.reply_preferences import Wish
from forum.discussions.titles import NOTES
from forum.policy.terms import ContentNote
from forum.web.dates import day, due
from forum.web.urls import address


@dataclass(frozen=True, slots=True)
class Row:
    """A thread in a list. language: of title and line, RFC 5646 tag. end: at the end of the first
    line. note: in place of the line."""

    title: str = field(repr=False)
    url: str
    who: str = field(default="", repr=False)
    about: str = ""
    line: str = field(default="", repr=False)
    note: str = ""
    end: str = ""
    read: bool = False
    language: str = ""


def unread_row(thread: Listing, end: str, last: datetime) -> Row:
    """A thread with unread posts, leading to the first of them. end: how many. last: when the
    latest of them appeared."""
    return _row(thread, "discussions.unread", end, last, read=False)


def thread_row(thread: Listing, end: str, last: datetime, *, read: bool) -> Row:
    """A thread, leading to its top. last: when its latest post appeared."""
    return _row(thread, "discussions.show", end, last, read=read)


def _row(thread: Listing, page: str, end: str, last: datetime, *, read: bool) -> Row:
    return Row(
        heading(thread),
        address(page, circle_id=thread.circle_id, thread_id=thread.id),
        thread.author,
        _about(thread, last),
        "" if thread.notes else thread.gist,
        note_of(thread),
        end,
        read,
        thread.language,
    )


def _about(thread: Listing, last: datetime) -> str:
    """Moment of a thread's latest post, and its wish or the day on which it goes."""
    if thread.is_gone:
        return day(last)
    said = f"{day(last)} · {wish_label(thread.wish)}"
    if thread.goes_on is None:
        return said
    goes = _("goes %(when)s", when=due(thread.goes_on))
    return f"{said} · {goes}"


def note_of(thread: Listing) -> str:
    """The content notes of a thread, which fold its words; "" without one."""
    if not thread.notes:
        return ""
    named = ", ".join(str(NOTES[ContentNote(note)]) for note in thread.notes)
    return str(_("Content note: %(notes)s", notes=named))


def wish_label(wish: Wish) -> str:
    """Label of a wish, translated once a request."""
    known: dict[Wish, str] = g.setdefault("wishes", {})
    if wish not in known:
        known[wish] = str(WISHES[wish])
    return known[wish]
