"""Logging of bugs by place and class, never with messages or values."""

from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from flask import Flask, request

ROOT = Path(__file__).parents[2]
Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def init_app(app: Flask) -> None:
    """Log exceptions by place. Messages, URLs and values may hold text or secrets."""

    def log_place(failure: Failure) -> None:
        kind, error, _ = failure
        parts = (request.method, request.endpoint, kind.__name__ if kind else None, places(error))
        app.logger.error("%s %s failed with %s at %s", *parts)

    untyped: Any = app
    untyped.log_exception = log_place


def places(error: BaseException | None) -> str:
    """Lines of the traceback, innermost first: all lines of `forum`, and the last of any
    package.
    """
    frames = extract_tb(error.__traceback__ if error else None)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "forum")]
    last = frames[-1:] if frames and frames[-1] not in ours else []
    return " < ".join(f"{_short(f.filename)}:{f.lineno}" for f in reversed([*ours, *last]))


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT / "forum") else path.name
