"""Static files under URLs with a digest of their content, cached by browsers for a year.

All style sheets are served as one; text is compressed, once per content and process.
"""

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue

from forum.web.access import public

FOR_A_YEAR = "public, max-age=31536000, immutable"
SHEETS = (
    *("tokens", "base", "parts", "accounts", "circles", "discussions", "help", "moderation"),
    *("rounds", "search"),
)
FILE = re.compile(r'url\("([\w./-]+)"\)')
PACKED = {"text/css", "text/javascript", "image/svg+xml", "application/manifest+json"}
SMALL = 400  # bytes; below this compression gains nothing


def init_app(app: Flask) -> None:
    """Add a content digest to every static URL, and cache and compression headers to responses."""
    app.add_url_rule("/sheet/<digest>.css", "sheet", sheet)

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = _digest_of(app, values["filename"])

    @lru_cache(maxsize=128)
    def asset(filename: str) -> str:
        """URL of a static file, computed once per process."""
        return app.url_for("static", filename=filename)

    def whole_sheet() -> str:
        """URL of the joined style sheet."""
        sheets, changed = _sheets(app)
        return app.url_for("sheet", digest=_digest_of_sheet(sheets, changed))

    @lru_cache(maxsize=1)
    def cached_sheet() -> str:
        return whole_sheet()

    app.jinja_env.globals |= {"asset": asset, "sheet": whole_sheet if app.debug else cached_sheet}

    @app.after_request
    def cache_and_compress(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            filename = (request.view_args or {})["filename"]
            if request.args.get("v") == _digest_of(app, filename):
                response.headers["Cache-Control"] = FOR_A_YEAR
        if request.endpoint in {"static", "sheet"} and response.status_code == 200:
            return _packed(response)
        return response


@public
def sheet(digest: str) -> ResponseReturnValue:
    """Joined style sheet; under an outdated digest the current one, uncached."""
    sheets, changed = _sheets(current_app)
    answer = Response(_joined(sheets, changed), content_type="text/css; charset=utf-8")
    ours = digest == _digest_of_sheet(sheets, changed)
    answer.headers["Cache-Control"] = FOR_A_YEAR if ours else "no-cache"
    return answer


def _packed(response: Response) -> Response:
    """Compress a response's body if the browser accepts an encoding and the type gains from it."""
    if response.mimetype not in PACKED:
        return response
    response.vary.add("Accept-Encoding")
    way = request.accept_encodings.best_match(["br", "gzip"])
    response.direct_passthrough = False
    content = response.get_data()
    if way is None or len(content) < SMALL:
        return response
    response.set_data(_smaller(content, way))
    response.content_encoding = way
    response.set_etag(f"{sha256(content).hexdigest()[:16]}-{way}")
    return response


@lru_cache(maxsize=64)
def _smaller(content: bytes, way: str) -> bytes:
    if way == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT))
    return gzip.compress(content, mtime=0)


def _sheets(app: Flask) -> tuple[tuple[Path, ...], int]:
    """Style sheet files in order, and the modification time of the newest in nanoseconds."""
    files = tuple(Path(app.static_folder or "", "css", f"{name}.css") for name in SHEETS)
    return files, max(file.stat().st_mtime_ns for file in files)


@lru_cache(maxsize=8)
def _joined(files: tuple[Path, ...], changed: int) -> bytes:
    """All sheets as one, with file URLs filled in. changed: cache key, new after a modification."""

    def address(found: re.Match[str]) -> str:
        return f'url("{current_app.url_for("static", filename=found[1])}")'

    return FILE.sub(address, "\n".join(file.read_text() for file in files)).encode()


@lru_cache(maxsize=8)
def _digest_of_sheet(files: tuple[Path, ...], changed: int) -> str:
    return sha256(_joined(files, changed)).hexdigest()[:16]


def _digest_of(app: Flask, filename: str) -> str:
    path = Path(app.static_folder or "", filename)
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _digest(path: Path, changed: int) -> str:
    """First eight bytes of a file's SHA-256, in hex. changed: cache key, new after a
    modification.
    """
    return sha256(path.read_bytes()).hexdigest()[:16]
