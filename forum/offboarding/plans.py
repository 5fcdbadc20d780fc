"""Content of a departure row: when a leaver's posts are withdrawn."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from secrets import token_bytes
from typing import Any, Self
from uuid import UUID

from forum.circles.mask_schedule import Daily, between, drawn

SPAN = timedelta(days=91)  # "three months", for withdrawing a pseudonym's posts slowly
LIFE = timedelta(days=100)  # of a departure row, whatever the choice: longer than SPAN
SIZE = 511  # bytes of every plan: two blocks when sealed


class Withdrawal(StrEnum):
    """Choice for a leaver's posts under one name."""

    NONE = "stay"
    WITHIN_A_WEEK = "go"  # all at one slot, drawn within the days of grace
    SLOWLY = "slowly"  # each post at its own slot, over SPAN
    NOW = "now"  # all at the next slot


@dataclass(frozen=True, slots=True)
class Name:
    """Everyday name of a leaver: posts are withdrawn at slots from `first` to `last` (UTC), or
    stay.
    """

    author_id: UUID
    seed: bytes = field(repr=False, default_factory=lambda: token_bytes(16))
    first: datetime | None = None
    last: datetime | None = None

    @property
    def goes(self) -> bool:
        """True if posts under the name are withdrawn."""
        return self.first is not None

    def slots(self, rota: Sequence[Daily]) -> list[datetime]:
        """Slots at which posts may be withdrawn; empty if posts stay."""
        if self.first is None or self.last is None:
            return []
        return between(self.first, self.last, *rota)

    def slot_of(self, post_id: UUID, slots: Sequence[datetime]) -> datetime:
        """Slot at which a post is withdrawn; computed, never stored.

        Source: HMAC-SHA256, RFC 2104.
        """
        return drawn(hmac.digest(self.seed, post_id.bytes, "sha256"), slots)

    def to_go(self, first: datetime, last: datetime) -> Self:
        """Name with its first and last slot; unchanged if set before."""
        return self if self.goes else replace(self, first=first, last=last)


@dataclass(frozen=True, slots=True)
class Plan:
    """Pending work for one leaver.

    place_id: their membership, until purged. look_at: next slot at which the worker acts.
    ends_on: UTC day on which the row is deleted.
    """

    place_id: UUID | None
    names: tuple[Name, ...]
    look_at: datetime
    ends_on: date

    def to_json(self) -> str:
        """Plan as stored: exactly SIZE bytes."""
        whole = {
            "place": self.place_id and self.place_id.hex,
            "names": [_as_row(name) for name in self.names],
            "look_at": self.look_at.isoformat(),
            "ends_on": self.ends_on.isoformat(),
        }
        kept = json.dumps(whole)
        if len(kept) > SIZE:
            raise ValueError(f"a plan of {len(kept)} bytes exceeds {SIZE}, the size of all plans")
        return kept.ljust(SIZE)

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Plan parsed from a row."""
        whole = json.loads(kept)
        return cls(
            place_id=UUID(whole["place"]) if whole["place"] else None,
            names=tuple(map(_of_row, whole["names"])),
            look_at=datetime.fromisoformat(whole["look_at"]),
            ends_on=date.fromisoformat(whole["ends_on"]),
        )

    def without_place(self, moment: datetime) -> Self:
        """Plan after the purge of its membership: only names with pending withdrawals remain."""
        going = tuple(name for name in self.names if name.last and name.last > moment)
        return replace(self, place_id=None, names=going)


def _as_row(name: Name) -> list[Any]:
    moments = [each and each.isoformat() for each in (name.first, name.last)]
    return [name.author_id.hex, name.seed.hex(), *moments]


def _of_row(row: list[Any]) -> Name:
    author_id, seed, *moments = row
    first, last = (datetime.fromisoformat(each) if each else None for each in moments)
    return Name(UUID(author_id), bytes.fromhex(seed), first, last)
