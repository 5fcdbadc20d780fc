"""Slots for which drafts wait: a reply refused by a round's phase today waits for a phase open to
its kind, and the writer is told when the day has come.

An awaited slot is a sealed column of the draft's row, padded to a fixed length. Each answer is
computed while the writer looks: nothing is stored, queued or sent when a day comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from forum.core.clock import now
from forum.discussions.models import Draft
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Kind, Mark, Part, kind_of
from forum.rounds.definitions import Phase

PADDED_TO = 64  # characters, with an awaited slot and without

# Of a thread today, and at its circle's last slot; None while the round stands still. Drafts with
# a hidden name go by the slot: else a row would come and go with what others press by name.
Phases = tuple[Phase | None, Phase | None]


@dataclass(frozen=True, slots=True)
class AwaitedSlot:
    """The slot for which a draft waits. kind: of the reply. mode: of the author."""

    at: datetime
    kind: Kind
    mode: AuthorMode | None

    def under(self, mode: AuthorMode | None) -> Self:
        """Copy with the author mode of a changed draft."""
        return replace(self, mode=mode)

    def has_come(self, phase: Phase) -> bool:
        """True if a running phase takes the kind, on the day or before, after a move.

        Ignores the presenter's wish, by which an open phase goes.
        """
        opened = frozenset[Kind]().union(*(phase.kinds(part) for part in Part))
        return (phase.by_wish or self.kind in opened) and not self.waits_in(phase)

    def waits_in(self, phase: Phase) -> bool:
        """True if a quota of the phase still delays the kind, like a name's next question."""
        quota = phase.quota(self.kind)
        return bool(quota and quota.open_days) and self.at > now()


@dataclass(frozen=True, slots=True)
class DueDraft:
    """A draft of a reply whose day has come. mode: of the author."""

    circle_id: UUID
    thread_id: UUID
    id: UUID
    mode: AuthorMode | None


def hides(draft: DueDraft) -> bool:
    """True for a hidden author mode."""
    return draft.mode is not None and draft.mode.masked


def due(
    standings: Mapping[UUID, Standing], rows: Iterable[Any], phases: Mapping[UUID, Phases]
) -> list[DueDraft]:
    """The member's drafts among these rows whose day has come, oldest first.

    rows: of threads (id, circle_id) and their drafts (draft_id, mark, awaited_slot).
    """
    found = list[tuple[datetime, DueDraft]]()
    for row in rows:
        hand = standings[row.circle_id].hand
        if not row.awaited_slot or row.mark != hand.mark(Mark.DRAFT, row.draft_id):
            continue
        opened = Draft.awaited_slot.opener(Draft.__tablename__, row.circle_id)
        if awaited := from_text(opened(row.draft_id, row.awaited_slot)):
            draft = DueDraft(row.circle_id, row.id, row.draft_id, awaited.mode)
            today, at_slot = phases[row.id]
            phase = at_slot if hides(draft) else today
            if phase and awaited.has_come(phase):
                found.append((awaited.at, draft))
    found.sort(key=lambda each: (each[0], each[1].id))
    return [each for _, each in found]


def to_text(awaited: AwaitedSlot | None) -> str:
    """Text to store, padded."""
    told = [awaited.at.isoformat(timespec="seconds"), awaited.kind] if awaited else []
    return " ".join([*told, *([awaited.mode] if awaited and awaited.mode else ())]).ljust(PADDED_TO)


def from_text(stored: str) -> AwaitedSlot | None:
    """Parse stored text; None where a draft waits for no day."""
    if not stored.strip():
        return None
    at, kind, *mode = stored.split()
    return AwaitedSlot(
        datetime.fromisoformat(at), kind_of(kind), AuthorMode(mode[0]) if mode else None
    )


def of_draft(draft: Draft) -> AwaitedSlot | None:
    """The slot for which a draft waits, or None."""
    return from_text(draft.awaited_slot)
