"""Health check for monitoring."""

import os
from pathlib import Path
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import text

from forum.core.db import db
from forum.core.keys import key_ring
from forum.web.access import public
from forum.web.host_guard import require_service

NOBODY = UUID(int=0)


def init_app(app: Flask) -> None:
    """Register /healthz, open to anyone and without a session."""
    app.add_url_rule("/healthz", "healthz", healthz)


@public
def healthz() -> tuple[str, int, dict[str, str]]:
    """Answer 200 and `ok` if database, keys and index folder are usable, else 503."""
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        db.session.execute(text("SELECT 1 FROM member LIMIT 1"))
        require_service()
        key_ring().keeps(NOBODY)
        _check_folder(Path(current_app.config["SEARCH_INDEX"]))
    except Exception as error:  # any failure means unhealthy
        current_app.logger.error("healthz: failed with %s", type(error).__name__)
        return "not ok", 503, plain
    return "ok", 200, plain


def _check_folder(folder: Path) -> None:
    there = folder if folder.exists() else folder.parent  # created with the first index
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise NotADirectoryError(folder.name)
