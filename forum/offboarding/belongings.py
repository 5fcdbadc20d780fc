"""Unnamed rows under a member's hand, and when each is deleted after the member left.

They are deleted before the hand's secret: afterwards nobody could find them, and they would stay
for ever. Deleting all at once, or together with the membership, would reveal their holder; so each
row has a slot of its own within the grace days, computed and not stored.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forum.circles.mask_schedule import Daily, between, drawn
from forum.circles.models import ClosingVoice, Membership
from forum.core.db import db
from forum.discussions.models import Draft, ReadMark
from forum.policy.standing import Standing
from forum.policy.terms import Mark

# Rows to delete: (mark, column of the mark, column of the scope).
GO: dict[type[Draft] | type[ReadMark] | type[ClosingVoice], tuple[Mark, Any, Any]] = {
    Draft: (Mark.DRAFT, Draft.mark, Draft.id),
    ReadMark: (Mark.READER, ReadMark.reader, ReadMark.thread_id),  # with notes and saved threads
    ClosingVoice: (Mark.VOICE, ClosingVoice.mark, ClosingVoice.circle_id),
}
# Rows that stay, with the reason.
STAY = {
    Mark.ACKNOWLEDGEMENT: "part of the thread, as a sentence that names and counts nobody",
    Mark.FLAG: "protects a patient; names nobody, and is deleted 90 days after its outcome",
    Mark.TURN: "an own name leaves the rota at once, a pseudonym when somebody removes it",
    Mark.DETAIL: "held by no row: keys digests inside drafts and posts, and goes with them",
    Mark.DEPARTURE: "held by no row: draws the slots of the other rows",
}
Kind = type[Draft] | type[ReadMark] | type[ClosingVoice]


def owned(standing: Standing) -> Iterator[tuple[Kind, UUID]]:
    """Rows of GO under this hand, as (table, id)."""
    for kind, (mark, marks, scopes) in GO.items():
        statement = select(kind.id, marks, scopes).where(kind.circle_id == standing.circle_id)
        rows = db.session.execute(statement).all()
        theirs = standing.hand.marks(mark, [scope.bytes for _, _, scope in rows])
        for (row_id, kept, _), own in zip(rows, theirs, strict=True):
            if kept == own:
                yield kind, row_id


def remain(standing: Standing) -> bool:
    """True if any row of GO is left under this hand."""
    return any(True for _ in owned(standing))


def slots(place: Membership, grace: timedelta, rota: Sequence[Daily]) -> list[datetime]:
    """Slots for deleting a leaver's rows: none on the day of leaving, all within `grace`."""
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    day = datetime.combine(place.left_on, time(), UTC)
    return between(day + timedelta(days=1), day + grace - timedelta.resolution, *rota)


def slot_of(standing: Standing, row_id: UUID, among: Sequence[datetime]) -> datetime:
    """Slot for deleting a row, drawn by the leaver's secret. among: see `slots`."""
    return drawn(standing.hand.mark(Mark.DEPARTURE, row_id), among)


def drop(kind: Kind, ids: Sequence[UUID]) -> None:
    """Delete rows of one table."""
    db.session.execute(delete(kind).where(kind.id.in_(ids)))
