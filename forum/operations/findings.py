"""Result of a check, and numbers in sentences for operators."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check. is_well: as it should be, or harmless. warns: well, but to be
    seen to."""

    is_well: bool
    said: str
    warns: bool = False


def number_of(number: int, one: str, many: str) -> str:
    """A number and its noun, in the singular or the plural: "1 circle", "2 circles"."""
    return f"{number} {one if number == 1 else many}"
