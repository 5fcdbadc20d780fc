"""Unnamed rows under a member's hand, and what becomes of each after the member left.

All is done before the hand's secret goes: afterwards nobody could find the rows. Deleting all at
once, or together with the membership, would reveal their holder; so each deleted row has a slot of
its own within the grace days, computed and not stored. Read marks are emptied and stay: deletion
would show which threads the leaver had read, and so the leaver's names. They are emptied in the
last night of the grace days, when all marks are sealed anew.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forum.circles.mask_schedule import Daily, between, drawn
from forum.circles.models import Membership
from forum.core.db import db
from forum.discussions import read_marks
from forum.discussions.models import Draft, ReadMark
from forum.policy.standing import Standing
from forum.policy.terms import Mark

# Rows to delete: (mark, column of the mark, column of the scope, which). A draft of a change has
# the id of its post: it stays to its own last day, as when nobody leaves.
GO: dict[type[Draft], tuple[Mark, Any, Any, Any]] = {
    Draft: (Mark.DRAFT, Draft.mark, Draft.id, ~Draft.amends)
}
# Rows that stay, with the reason.
STAY = {
    Mark.READER: "emptied in the last night of the grace days, and goes with its thread",
    Mark.ACKNOWLEDGEMENT: "part of the thread, as a sentence that names and counts nobody",
    Mark.FLAG: "protects a patient; names nobody, and is deleted 90 days after its outcome",
    Mark.TURN: "an own name leaves the rota at once, a pseudonym when somebody removes it",
    Mark.VOICE: "gone early, it was its leaver's; runs out like any, and goes with the next vote",
    Mark.DETAIL: "held by no row: keys digests inside drafts and posts, and goes with them",
    Mark.DEPARTURE: "held by no row: draws the slots of the other rows",
}
Kind = type[Draft]


def owned(standing: Standing) -> Iterator[tuple[Kind, UUID]]:
    """Rows of GO under this hand, as (table, id)."""
    for kind, (mark, marks, scopes, which) in GO.items():
        statement = select(kind.id, marks, scopes).where(
            kind.circle_id == standing.circle_id, which
        )
        for row_id in _under(standing, mark, db.session.execute(statement).all()):
            yield kind, row_id


def read_marks_left(standing: Standing) -> list[ReadMark]:
    """Read marks under this hand that are not emptied."""
    here = ReadMark.circle_id == standing.circle_id
    statement = select(ReadMark.id, ReadMark.reader, ReadMark.thread_id).where(here)
    ids = [*_under(standing, Mark.READER, db.session.execute(statement).all())]
    theirs = db.session.scalars(select(ReadMark).where(here, ReadMark.id.in_(ids)))
    return [each for each in theirs if not read_marks.is_empty(each)]


def _under(standing: Standing, mark: Mark, rows: Sequence[Any]) -> Iterator[UUID]:
    """Ids of the rows under this hand. rows: (id, mark, scope)."""
    theirs = standing.hand.marks(mark, [scope.bytes for _, _, scope in rows])
    for (row_id, kept, _), own in zip(rows, theirs, strict=True):
        if kept == own:
            yield row_id


def remain(standing: Standing) -> bool:
    """True if anything is left to do under this hand."""
    return bool(next(owned(standing), None) or read_marks_left(standing))


def slots(place: Membership, grace: timedelta, rota: Sequence[Daily]) -> list[datetime]:
    """Slots for deleting a leaver's rows: none on the day of leaving, all within `grace`."""
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    day = datetime.combine(place.left_on, time(), UTC)
    return between(day + timedelta(days=1), day + grace - timedelta.resolution, *rota)


def slot_of(standing: Standing, row_id: UUID, among: Sequence[datetime]) -> datetime:
    """Slot for deleting a row, drawn by the leaver's secret. among: see `slots`."""
    return drawn(standing.hand.mark(Mark.DEPARTURE, row_id), among)


def drop(standing: Standing, kind: Kind, ids: Sequence[UUID]) -> None:
    """Delete rows of one table in the circle."""
    here = kind.circle_id == standing.circle_id, kind.id.in_(ids)
    db.session.execute(delete(kind).where(*here))
