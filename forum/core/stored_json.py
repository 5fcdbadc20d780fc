"""Dataclasses stored as JSON in sealed columns.

Source: cattrs, which reads and writes by the types of the fields.
"""

import json
from collections.abc import Callable
from datetime import time
from typing import Any, Self
from uuid import UUID

from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

_converter = make_converter()
_converter.register_unstructure_hook(UUID, str)
_converter.register_structure_hook(UUID, lambda stored, _: UUID(stored))
_converter.register_unstructure_hook(time, lambda at: at.isoformat("minutes"))
_converter.register_structure_hook(time, lambda stored, _: time.fromisoformat(stored))


class StoredAsJson:
    """A dataclass whose rows may be older than its newest fields: these have defaults."""

    __slots__ = ()

    def to_json(self) -> str:
        """JSON to store."""
        return _converter.dumps(self)

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """Parse stored JSON; absent keys take their defaults. Raises ValueError."""
        known = json.loads(stored)
        try:
            if isinstance(known, dict):
                return _converter.structure(known, cls)
        except BaseValidationError:  # whose text quotes what was stored
            pass
        raise ValueError(f"stored JSON is no {cls.__name__}") from None


def store_as(kind: Any, write: Callable[[Any], Any], read: Callable[[Any], Any]) -> None:
    """Have fields of a type written and read by functions of their own."""
    _converter.register_unstructure_hook(kind, write)
    _converter.register_structure_hook(kind, lambda stored, _: read(stored))
