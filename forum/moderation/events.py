"""Events of moderation, announced once they are committed."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NoteAsked:
    """Somebody asks for a moderator now, and should not wait for the daily email."""

    circle_id: UUID
