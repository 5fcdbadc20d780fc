"""Notes to whoever holds a name: of moderators, where something cannot wait, or of a content note.

Only its holder reads them, for 30 days.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Date, bindparam, delete, select

from forum.authors.models import Author
from forum.circles.mask_schedule import next_slot
from forum.circles.queries import circle
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.errors import InvalidInput, NotFound
from forum.core.randomness import new_id
from forum.discussions.models import NameNote, Thread
from forum.policy import may, require
from forum.policy.standing import Standing

KEPT = timedelta(days=30)
ANSWERED_FOR = timedelta(days=23)  # an answer then stands a week for moderators
MEANWHILE = timedelta(days=2)  # in which an answer may be typed
WORDS_MAX = 2_000  # characters
_OF_CIRCLES = select(NameNote).where(
    NameNote.circle_id.in_(bindparam("circles", expanding=True)),
    NameNote.written_on > bindparam("since"),
)


def write(standing: Standing, name: Author, words: str, note_id: UUID | None = None) -> None:
    """Write to whoever holds a name of the circle. note_id: from the form; a form sent again writes
    no second note. Raises InvalidInput (words)."""
    require(may.keep_safe(standing) and name.circle_id == standing.circle_id)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    if note_id and db.session.get(NameNote, (standing.circle_id, note_id)):
        return
    _add(standing, name, words, note_id)


def tell_presenter(standing: Standing, thread: Thread, words: str) -> None:
    """Write to the presenter of a thread that something cannot wait.

    Presenters, too, write to themselves: a note that is missing would reveal them.
    """
    require(may.read(standing, thread))
    _add(standing, thread.author, words, None, of_thread=thread.id.hex)


def suggest(standing: Standing, thread: Thread, words: str, note_id: UUID) -> bool:
    """Suggest a content note to the presenter of a thread; returns whether it was sent now.

    note_id: from the form; a form sent again suggests nothing twice.
    """
    require(may.read(standing, thread))
    if db.session.get(NameNote, (standing.circle_id, note_id)):
        return False
    _add(standing, thread.author, words, note_id, suggested=True)
    return True


def _add(
    standing: Standing,
    name: Author,
    words: str,
    note_id: UUID | None,
    *,
    of_thread: str = "",
    suggested: bool = False,
) -> None:
    values = {"id": note_id or new_id(), "author_id": name.id, "written_on": now().date()}
    note = NameNote(circle_id=standing.circle_id, **values)
    note.words, note.of_thread, note.suggested = words, of_thread, str(int(suggested))
    db.session.add(note)


def own(standing: Standing, *, masks: bool) -> list[NameNote]:
    """Notes to names of this hand, the latest first. masks: those to hidden names, too."""
    found = select(NameNote).where(NameNote.circle_id == standing.circle_id, is_kept())
    rows = db.session.scalars(found.order_by(NameNote.written_on.desc(), NameNote.id))
    return [each for each in rows if _is_own(standing, each, masks=masks)]


def of_circles(standings: Collection[Standing]) -> dict[UUID, list[NameNote]]:
    """Every note of the circles, by circle, for any name."""
    known = {"circles": [standing.circle_id for standing in standings], "since": _kept_since()}
    found = defaultdict[UUID, list[NameNote]](list)
    for note in db.session.scalars(_OF_CIRCLES, known):
        found[note.circle_id].append(note)
    return found


def for_masks(notes: Collection[NameNote]) -> bool:
    """Whether any note is for a hidden name."""
    return any(each.author.mode.masked for each in notes)


def waits(standing: Standing, notes: Collection[NameNote]) -> bool:
    """Whether one of these is for an everyday name of this hand."""
    return any(_is_own(standing, each, masks=False) for each in notes)


def is_answerable(note: NameNote, more: timedelta = timedelta()) -> bool:
    """Whether a note is one of moderators, and young enough for an answer to be read by them."""
    by_member = note.of_thread or note.suggested == "1"
    return not by_member and now().date() - note.written_on < ANSWERED_FOR + more


def own_note(standing: Standing, note_id: UUID) -> NameNote:
    """A note of moderators to a name of this hand, to be answered. Raises NotFound."""
    note = db.session.get(NameNote, (standing.circle_id, note_id))
    if note is None or not is_answerable(note, MEANWHILE):
        raise NotFound
    if not _is_own(standing, note, masks=True):
        raise NotFound
    return note


def answer(standing: Standing, note: NameNote, words: str, *, at_once: bool) -> None:
    """Answer a note once, from the name it was written to; moderators alone read it.

    at_once: now; else under a hidden name at the next slot, which does not tell when one was here.
    The same again changes nothing. Raises NotFound, and InvalidInput (words), for another too.
    """
    own_note(standing, note.id)
    if note.answer:
        if (given := json.loads(note.answer)["words"]) != words:
            raise InvalidInput(
                words=_("You have answered this note: “%(words)s” That answer stands.", words=given)
            )
        return
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    waits = note.author.mode.masked and not at_once
    shown = next_slot(now(), *circle(standing).mask_schedule) if waits else this_hour()
    note.answer = json.dumps({"words": words, "from": shown.isoformat()})


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to a note. on: UTC day from which moderators read it."""

    name: str = field(repr=False)
    words: str = field(repr=False)
    on: date = field(default=date.min)


def answers(notes: Collection[NameNote]) -> list[Answer]:
    """Answers read by moderators by now, latest first. notes: of a circle."""
    found = []
    for note in notes:
        known = json.loads(note.answer or "{}")
        if known and (since := datetime.fromisoformat(known["from"])) <= now():
            found.append(Answer(note.author.name, known["words"], since.date()))
    return sorted(found, key=lambda each: each.on, reverse=True)


def answers_of(standing: Standing) -> list[Answer]:
    """Answers in a circle, for its moderators."""
    require(may.keep_safe(standing))
    return answers(of_circles([standing])[standing.circle_id])


def drop(standing: Standing, note_id: UUID) -> None:
    """Delete a note to an everyday name of one's own; of one that was answered, only its words, as
    moderators may not have read the answer yet. Raises NotFound.

    A note to a hidden name stays its 30 days, read or not: the sentence that asks everybody
    whether it may be theirs would else go in the moment in which its holder looked.
    """
    note = db.session.get(NameNote, (standing.circle_id, note_id))
    if note is None or not _is_own(standing, note, masks=False):
        raise NotFound
    if note.answer:
        note.words = ""
    else:
        db.session.delete(note)


def circles_to_purge() -> set[UUID]:
    """Ids of circles with a note whose time is over."""
    return {*db.session.scalars(select(NameNote.circle_id).where(~is_kept()).distinct())}


def purge(standing: Standing) -> int:
    """Delete the circle's notes whose time is over; returns their number."""
    over = NameNote.circle_id == standing.circle_id, ~is_kept()
    ids = list(db.session.scalars(select(NameNote.id).where(*over)))
    here = NameNote.circle_id == standing.circle_id, NameNote.id.in_(ids)
    db.session.execute(delete(NameNote).where(*here))
    return len(ids)


def is_kept() -> ColumnElement[bool]:
    """Whether a note is still to be read."""
    since = bindparam(None, callable_=_kept_since, type_=Date())  # for statements built once
    return NameNote.written_on > since


def _kept_since() -> date:
    return (now() - KEPT).date()


def _is_own(standing: Standing, note: NameNote, *, masks: bool) -> bool:
    """Whether a note is for a name of this hand. One without words was dropped by its holder."""
    held = (masks or not note.author.mode.masked) and standing.hand.holds(note.author)
    return held and note.words != ""
