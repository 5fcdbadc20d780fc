"""What the log says of a failure: where and of what kind, never what was in hand."""

from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from flask import Flask, request

ROOT = Path(__file__).parents[2]
Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def init_app(app: Flask) -> None:
    """Log a bug by its place. Messages, addresses of pages and values may hold words or secrets."""

    def told(failure: Failure) -> None:
        kind, error, _ = failure
        said = (request.method, request.endpoint, kind.__name__ if kind else None, _places(error))
        app.logger.error("%s %s failed with %s at %s", *said)

    plainly: Any = app
    plainly.log_exception = told


def _places(error: BaseException | None) -> str:
    """Where it was raised, then who called that: our own lines, and the last of anyone's."""
    frames = extract_tb(error.__traceback__ if error else None)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "forum")]
    last = frames[-1:] if frames and frames[-1] not in ours else []
    return " < ".join(f"{_short(f.filename)}:{f.lineno}" for f in reversed([*ours, *last]))


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT / "forum") else path.name
