"""Events of the mail room."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EmailQueued:
    """Waiting email; subject and recipient are left out."""


@dataclass(frozen=True, slots=True)
class EmailLeft:
    """Email accepted by the server; the row is deleted."""

    email_id: UUID
