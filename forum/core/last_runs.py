"""Last runs of the worker, of backups and drills, each in a file of the instance."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from forum.core.clock import now

WORKER, COPIES, DRILL = "worker.ran", "copies.made", "drill.done"
RUNS_WITHIN = timedelta(minutes=5)


def note_run() -> None:
    """Leave the moment at which the worker's jobs were done."""
    _write(WORKER, {"jobs": now().isoformat()})


def note_copies(kinds: Iterable[str]) -> None:
    """Leave the moment at which copies of these kinds were written."""
    _write(COPIES, _read(COPIES) | dict.fromkeys(kinds, now().isoformat()))


def note_drill() -> None:
    """Leave the moment at which guardians had their drill."""
    _write(DRILL, {"drill": now().isoformat()})


def since_drill() -> timedelta | None:
    """Time since the last drill of guardians; None if there was none."""
    return _age(_read(DRILL).get("drill"))


def since_run() -> timedelta | None:
    """Time since the worker's jobs were done; None if they never were."""
    return _age(_read(WORKER).get("jobs"))


def since_copy(kind: str) -> timedelta | None:
    """Time since a copy of a kind was written; None if none ever was."""
    return _age(_read(COPIES).get(kind))


def is_recent() -> bool:
    """True if the worker's jobs were done within RUNS_WITHIN."""
    age = since_run()
    return age is not None and age <= RUNS_WITHIN


def _age(moment: str | None) -> timedelta | None:
    """Time since a moment; None also for one to come, noted under a clock that ran ahead."""
    age = now() - datetime.fromisoformat(moment) if moment else None
    return None if age is None or age < timedelta() else age


def _read(name: str) -> dict[str, str]:
    try:
        found = json.loads((_folder() / name).read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def _write(name: str, known: dict[str, str]) -> None:
    draft = _folder() / f"{name}.draft"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(known))
    draft.replace(_folder() / name)


def _folder() -> Path:
    return Path(current_app.config["INSTANCE"])
