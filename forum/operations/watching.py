"""Pages for a program that watches the forum: /readyz and /metrics, on this machine alone.

They stand in front of the application, which knows no such address: to anyone else both lead
nowhere. No number is of a circle or a member, and nothing that waits for
its slot is counted or aged.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy import text
from werkzeug.wrappers import Request, Response

from forum.core import host_locks, last_runs
from forum.core.db import db, end_session, unit_of_work
from forum.core.instance_lock import NotNow
from forum.mail.queries import oldest_waiting
from forum.operations import failures, schema
from forum.operations.copy_files import DATABASE, KEY_STORE
from forum.operations.findings import Finding
from forum.operations.readiness import require_fitting_keys
from forum.web.headers import HEADERS
from forum.web.page_counts import page_counts

PLAIN = "text/plain; charset=utf-8"
LOCAL = ("127.0.0.1", "::1", "localhost")
HANDED_ON = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")  # by a server in front
LEAST_FREE = 0.05  # of a disk
WRITE_WAIT = 2_000  # milliseconds
HOUR = timedelta(hours=1)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def watched(app: Flask, inner: Application) -> Application:
    """The application, with both pages in front of it for requests from this machine."""
    pages = {"/readyz": _readyz, "/metrics": _metrics}

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        page = pages.get(environ.get("PATH_INFO", ""))
        if page is None or not _is_local(Request(environ)):
            return inner(environ, start)
        with app.app_context():
            return page()(environ, start)

    return answer


def findings() -> Iterator[Finding]:
    """Whether the forum can do its work, each part in a line."""
    yield _checked("writes are possible", _require_writes)
    if current_app.config["LOCKS_URL"]:
        yield _checked("this host shares the lock of all", _require_lock)
    yield _checked("keys fit", require_fitting_keys)
    yield Finding(schema.revision() == schema.head(), "tables are those of this release")
    yield Finding(last_runs.is_recent(), "worker ran within five minutes")
    yield Finding(not disk_is_low(), "disk has more than 5 % left")
    yield Finding(not late_copies(), "copies are as young as COPIES_WITHIN says")


def disk_is_low() -> bool:
    """True where less than LEAST_FREE is left for the instance."""
    usage = shutil.disk_usage(current_app.config["INSTANCE"])
    return usage.free < LEAST_FREE * usage.total


def late_copies() -> list[str]:
    """Kinds whose last copy is older than the operator's limit, or absent; none without a limit."""
    hours = current_app.config["COPIES_WITHIN"]
    if not hours:
        return []
    ages = {kind: last_runs.since_copy(kind) for kind in (DATABASE, KEY_STORE)}
    limit = timedelta(hours=hours)
    return [kind for kind, age in ages.items() if age is None or age > limit]


def _checked(name: str, require: Callable[[], None]) -> Finding:
    try:
        require()
    except Exception as error:  # any failure means that it is not ready
        return Finding(False, f"{name}: {failures.sentence(error)}")
    finally:
        end_session()
    return Finding(True, name)


def _require_writes() -> None:
    """Take the write lock, and write nothing."""
    if not os.access(Path(current_app.config["INSTANCE"]), os.W_OK):
        raise PermissionError(13, "no writing", "instance")
    with unit_of_work(WRITE_WAIT):
        is_read_only = db.engine.dialect.name == "postgresql" and db.session.scalar(
            text("SELECT current_setting('transaction_read_only') = 'on'")
        )
        db.session.execute(text("SELECT 1"))
    if is_read_only:
        raise PermissionError(13, "the server takes no writes", "database")


def _require_lock() -> None:
    if host_locks.is_lost(current_app.config["LOCKS_URL"]):
        raise NotNow("its connection to the database was lost, or another host changes keys.")


def _is_local(request: Request) -> bool:
    """True for a request from this machine that no server in front handed on."""
    named = urlsplit(f"//{request.host}").hostname
    return (
        request.environ.get("REMOTE_ADDR") in LOCAL
        and named in LOCAL
        and not any(name in request.headers for name in HANDED_ON)
    )


def _readyz() -> Response:
    found = [*findings()]
    lines = [f"{'ok' if each.is_well else 'not ok'} {each.said}\n" for each in found]
    is_ready = all(each.is_well for each in found)
    return _response("".join(lines), 200 if is_ready else 503)


def _metrics() -> Response:
    return _response("".join(_lines()), 200, "text/plain; version=0.0.4; charset=utf-8")


def _response(body: str, status: int, content_type: str = PLAIN) -> Response:
    return Response(body, status, {**HEADERS, "Content-Type": content_type})


def _lines() -> Iterator[str]:
    """Prometheus' text format, version 0.0.4."""
    counts = page_counts()
    yield from _head_of("forum_pages_total", "counter", "Answers of reading pages.")
    yield from (_line("forum_pages_total", labels, number) for labels, number in counts.pages())
    yield from _head_of("forum_page_seconds", "histogram", "Seconds that reading pages took.")
    for suffix, (labels, number) in counts.times():
        yield _line(f"forum_page_seconds{suffix}", labels, number)
    requests, errors = counts.of_yesterday()
    for name, said, number in (
        (
            "other_requests_yesterday",
            "All other requests of yesterday, UTC, to the nearest 5.",
            requests,
        ),
        ("other_errors_yesterday", "Errors of ours among them, to the nearest 5.", errors),
        ("mail_oldest_seconds", "Age of the oldest waiting email, in whole hours.", _mail_age()),
        (
            "worker_age_seconds",
            "Time since the worker's last run; -1: never.",
            _age(last_runs.since_run()),
        ),
        (
            "content_copy_age_seconds",
            "Age of the last copy; -1: none.",
            _age(last_runs.since_copy(DATABASE)),
        ),
        (
            "keys_copy_age_seconds",
            "Age of the last copy; -1: none.",
            _age(last_runs.since_copy(KEY_STORE)),
        ),
        ("disk_is_low", "1 where less than 5 % of the disk is left.", disk_is_low()),
    ):
        yield from _head_of(f"forum_{name}", "gauge", said)
        yield _line(f"forum_{name}", {}, number)


def _mail_age() -> int:
    """Whole hours, in seconds, beyond the first: times of emails are stored by the hour."""
    hours = (oldest_waiting() or timedelta(0)) // HOUR
    return max(0, hours - 1) * 3600


def _age(span: timedelta | None) -> int:
    return -1 if span is None else int(span.total_seconds())


def _head_of(name: str, kind: str, said: str) -> tuple[str, str]:
    return f"# HELP {name} {said}\n", f"# TYPE {name} {kind}\n"


def _line(name: str, labels: dict[str, Any], number: float) -> str:
    told = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{told}}} {number:g}\n" if told else f"{name} {number:g}\n"
