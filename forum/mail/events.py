"""Events of the mail room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmailQueued:
    """Waiting email; subject and recipient are left out."""
