"""Events of the accounts room."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ZoneChanged:
    """Time zone of a member, changed by its owner."""

    member_id: UUID
