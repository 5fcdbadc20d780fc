"""Maintenance of the database's files, so that their bytes reveal no order of writing."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import text

from forum.core import row_order
from forum.core.clock import now
from forum.core.db import WRITE_WAIT, db
from forum.core.keys import key_ring

CHECKPOINT_WAIT = 500  # milliseconds for readers of the write-ahead log, and other writers
NOTE = "row-order"  # in the key store: the last night
WEEKLY = "weekly-work"  # in the key store, for all hosts: the night in which it was done last
MAINTENANCE_WINDOW = timedelta(minutes=10)  # of each night, in which its work begins
NO_RUN = date.min  # of work outside `one_night`

_of_run: ContextVar[date | None] = ContextVar("of_run", default=NO_RUN)


def truncate_write_ahead_log() -> bool:
    """Copy SQLite's write-ahead log into the database file and truncate it.

    It shows the order of writing, the file's pages do not. Returns False while a reader still needs
    it.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection  # no transaction may be open
        driver.execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT}")
        try:
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {WRITE_WAIT}")
    return not busy


@contextmanager
def one_night() -> Iterator[None]:
    """Hold the night found at the beginning of the block until its end.

    A night's work is done whole, and noted, where it outlasts the window. A run that meets the
    window halfway leaves all of it to the next.
    """
    before = _of_run.set(_night())
    try:
        yield
    finally:
        _of_run.reset(before)


def night_is_due() -> bool:
    """True in a night's window until the rewriting is done."""
    night = _night()
    if night is None:
        return False
    if db.engine.dialect.name != "sqlite":
        return bool(_known_rows().get("night") != night.isoformat())
    return bool(db.session.scalar(text("PRAGMA user_version")) != night.toordinal())


def night_of_week() -> date | None:
    """Night in which weekly work is due, until the rewriting is done; else None.

    The first night of a week (from Monday) in which the work was not done yet.
    """
    night = _night()
    if night is None or not night_is_due():
        return None
    monday, last = night - timedelta(days=night.weekday()), key_ring().store.note(WEEKLY)
    if last is not None and monday <= date.fromisoformat(last.decode()) <= night:
        return None
    return night  # a night to come was noted under a clock that ran ahead


def note_week(night: date) -> None:
    """Note that weekly work was done in a night."""
    key_ring().store.write_note(WEEKLY, night.isoformat().encode())


def rebuild_file(*, forced: bool = False) -> bool:
    """Rewrite SQLite's file with VACUUM, each table in key order; PostgreSQL's rows by
    `row_order`. Returns True if done.

    Runs once a night, in the window that begins at MAINTENANCE_AT, because writers wait meanwhile.
    forced: run at any time.

    Rows longer than a page continue on overflow pages, allocated in order of writing. Without a
    rewrite these would reveal the order of masked posts, in spite of random ids and WITHOUT ROWID.
    """
    night = _night()
    if not (night or forced):
        return False
    if db.engine.dialect.name != "sqlite":
        return _rewrite_rows(night, forced=forced)
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection  # no transaction may be open
        last = driver.execute("PRAGMA user_version").fetchone()
        if night and last == (night.toordinal(),) and not forced:
            return False
        try:
            driver.execute("VACUUM")
            if night:  # stored in the file header
                driver.execute(f"PRAGMA user_version = {night.toordinal()}")
        except sqlite3.OperationalError:  # another writer is active; the next call retries
            return False
    return True


def _rewrite_rows(night: date | None, *, forced: bool) -> bool:
    """Rewrite PostgreSQL's rows once a night, and deleted circle keys out of their table."""
    store, known = key_ring().store, _known_rows()
    if known and night and known["night"] == night.isoformat() and not forced:
        return False
    done = row_order.rewrite(row_order.Rewritten(**known["rewritten"]) if known else None)
    noted = {"night": night.isoformat() if night else "", "rewritten": asdict(done)}
    store.write_note(NOTE, json.dumps(noted).encode())
    store.tidy()
    return True


def _known_rows() -> dict[str, Any]:
    """Note of the last night on PostgreSQL: its date and transactions; empty before a first."""
    return dict(json.loads(key_ring().store.note(NOTE) or b"{}"))


def _night() -> date | None:
    """Local date on which the current maintenance window opened; None outside the window."""
    if (night := _of_run.get()) != NO_RUN:
        return night
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    begins = time.fromisoformat(current_app.config["MAINTENANCE_AT"])
    today = now().astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):  # a window may continue past midnight
        since = datetime.combine(day, begins, zone).astimezone(UTC)
        if since <= now() < since + MAINTENANCE_WINDOW:
            return day
    return None
