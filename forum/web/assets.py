"""Our own styles and scripts: an address stands for one content, so that browsers may keep it."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Let the address of each file carry the digest of what is in it."""

    @app.url_defaults
    def say_which(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = _digest_of(app, values["filename"])

    @lru_cache(maxsize=128)
    def asset(filename: str) -> str:
        """The address of one of our files, the same for as long as a process lives."""
        return app.url_for("static", filename=filename)

    app.jinja_env.globals["asset"] = asset

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            asked = (request.view_args or {})["filename"]
            if request.args.get("v") == _digest_of(app, asked):
                response.headers["Cache-Control"] = FOR_A_YEAR
        return response


def _digest_of(app: Flask, filename: str) -> str:
    path = Path(app.static_folder or "", filename)
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _digest(path: Path, changed: int) -> str:
    """Eight bytes of the file's SHA-256. changed: asks anew where the file has changed."""
    return sha256(path.read_bytes()).hexdigest()[:16]
