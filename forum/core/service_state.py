"""Read-only mode and the notice of a rest, each a file of the instance, read by every process.

A file costs a page no statement. With several hosts, the commands are run on each.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from forum.core.clock import now

READ_ONLY, REST = "read-only", "rest.json"


@dataclass(frozen=True, slots=True)
class Rest:
    """Time during which the service will be away: UTC, on the minute."""

    begins: datetime
    ends: datetime


def is_read_only() -> bool:
    """True while nothing new is taken."""
    return _path(READ_ONLY).exists()


def change_read_only(*, on: bool) -> bool:
    """Begin or end read-only mode; returns False if nothing changed."""
    if on == is_read_only():
        return False
    if on:
        _path(READ_ONLY).touch(mode=0o600)
    else:
        _path(READ_ONLY).unlink(missing_ok=True)
    return True


def coming_rest() -> Rest | None:
    """Announced rest; None before an announcement and after the end."""
    try:
        known = json.loads(_path(REST).read_text())
        rest = Rest(*(datetime.fromisoformat(known[each]) for each in ("begins", "ends")))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return rest if now() < rest.ends else None


def announce_rest(rest: Rest) -> None:
    """Show the notice of a rest, in place of an earlier one."""
    draft = _path(f"{REST}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"begins": str(rest.begins), "ends": str(rest.ends)}))
    draft.replace(_path(REST))


def end_rest() -> None:
    """Take the notice of a rest down."""
    with suppress(FileNotFoundError):
        _path(REST).unlink()


def _path(name: str) -> Path:
    return Path(current_app.config["INSTANCE"]) / name
