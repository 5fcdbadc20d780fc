"""Rows kept under a member's hand, and when each goes once that member left.

They go before the hand's secret does: afterwards nobody could tell whose they were, and they would
stay for ever. Gone together, or with the membership, they would tell so themselves; hence each has
a slot of its own within the days of grace. It is computed, and nothing of it is stored.
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

# What goes: (mark, its column, the column of its scope).
GO: dict[type[Draft] | type[ReadMark] | type[ClosingVoice], tuple[Mark, Any, Any]] = {
    Draft: (Mark.DRAFT, Draft.mark, Draft.id),
    ReadMark: (Mark.READER, ReadMark.reader, ReadMark.thread_id),  # with notes, and what is saved
    ClosingVoice: (Mark.VOICE, ClosingVoice.mark, ClosingVoice.circle_id),
}
# What stays, and why.
STAY = {
    Mark.ACKNOWLEDGEMENT: "it stands in the thread as a sentence that names and counts nobody",
    Mark.FLAG: "a patient stays protected; it names nobody and goes 90 days after it was settled",
    Mark.TURN: "an own name leaves the rota at once, an invented one when somebody takes it off",
    Mark.DEPARTURE: "no row has it: it draws the slots at which the others go",
}
Kind = type[Draft] | type[ReadMark] | type[ClosingVoice]


def owned(standing: Standing) -> Iterator[tuple[Kind, UUID]]:
    """Every row of GO that is this hand's, by its table and id."""
    for kind, (mark, marks, scopes) in GO.items():
        asked = select(kind.id, marks, scopes).where(kind.circle_id == standing.circle_id)
        rows = db.session.execute(asked).all()
        theirs = standing.hand.marks(mark, [scope.bytes for _, _, scope in rows])
        for (row_id, kept, _), own in zip(rows, theirs, strict=True):
            if kept == own:
                yield kind, row_id


def remain(standing: Standing) -> bool:
    """Whether any row of GO is left under this hand."""
    return any(True for _ in owned(standing))


def slots(place: Membership, grace: timedelta, rota: Sequence[Daily]) -> list[datetime]:
    """The slots at which a leaver's rows go: none on the day of leaving, all within `grace`."""
    assert place.left_on is not None  # noqa: S101  # for the type checker: they left
    day = datetime.combine(place.left_on, time(), UTC)
    return between(day + timedelta(days=1), day + grace - timedelta.resolution, *rota)


def slot_of(standing: Standing, row_id: UUID, among: Sequence[datetime]) -> datetime:
    """The slot at which a row goes, by the leaver's own secret. among: see `slots`."""
    return drawn(standing.hand.mark(Mark.DEPARTURE, row_id), among)


def drop(kind: Kind, ids: Sequence[UUID]) -> None:
    """Delete rows of one table."""
    db.session.execute(delete(kind).where(kind.id.in_(ids)))
