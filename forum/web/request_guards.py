"""Checks before any view runs: size, host, origin and purpose of a request."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from werkzeug.sansio.utils import host_is_trusted

P = ParamSpec("P")
R = TypeVar("R")

URL_MAX = 2_000  # characters
LONG_FORM_MAX = 2 * 1024 * 1024  # bytes of a form with a post; others: MAX_CONTENT_LENGTH
SEALED_URL_MAX = 6_000  # characters, where a URL carries sealed words
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Headers of a page that a browser fetches before its reader asks for it. Source: Sec-Purpose of the
# Fetch Standard; the others are of older browsers.
AHEAD = {
    "Sec-Purpose": "prefetch",
    "Purpose": "prefetch",
    "X-Purpose": "preview",
    "X-Moz": "prefetch",
}


def sealed_url(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose URL carries text, sealed or typed, and may be long."""
    view.url_max = SEALED_URL_MAX  # type: ignore[attr-defined]
    return view


def long_form(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that accepts forms with a whole post, and returns text above the limit."""
    view.form_max = LONG_FORM_MAX  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Refuse overlong URLs (414), foreign hosts, writes sent from other sites (400), and pages
    fetched ahead of their reader (403).

    CSRF tokens guard against such writes too; this check holds even for a leaked token. A browser
    drops a refused page and asks anew when its reader comes: opening a thread marks it as read, and
    some pages tell a thing once.
    """

    @app.before_request
    def check_request() -> Response | None:
        if app.config["HOSTS"] and not host_is_trusted(request.host, app.config["HOSTS"]):
            abort(400)
        view = app.view_functions.get(request.endpoint or "")
        if _length() > getattr(view, "url_max", URL_MAX):
            abort(414)
        if form_max := getattr(view, "form_max", None):
            request.max_content_length = request.max_form_memory_size = form_max
        if request.method in WRITES and not _is_ours():
            abort(400)
        return Response(status=403) if _is_ahead() else None


def _length() -> int:
    """Length of the raw URL if the server provides it; decoded it may be nine times shorter."""
    return len(request.environ.get("RAW_URI") or request.full_path)


def _is_ahead() -> bool:
    return any(word in request.headers.get(name, "") for name, word in AHEAD.items())


def _is_ours() -> bool:
    """True unless the browser names another site as sender; other programs send no such header.

    Source: Fetch Metadata Request Headers (W3C), Origin of RFC 6454.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in (_origin(request.host_url), _origin(_site_url()))


def _site_url() -> str:
    return str(current_app.config["SITE_URL"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
