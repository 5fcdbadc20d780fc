"""Result of a check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check. is_well: as it should be, or harmless. warns: well, but to be
    seen to."""

    is_well: bool
    said: str
    warns: bool = False
