"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterQueued:
    """A letter waits to be sent: nobody is told which, or for whom."""
