"""The forum with each hold of SQLite's write lock timed, and no rate limits: for bench.locks."""

from collections.abc import Callable
from os import environ
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, event

from config import Config
from forum import create_app
from forum.core.db import db, is_writing


class Unlimited(Config):
    """Settings of an installation on which nobody is slowed down."""

    RATELIMIT_ENABLED = False


app = create_app(Unlimited(Path(environ["FORUM_INSTANCE"])))
_times = Path(environ["BENCH_LOCK_TIMES"]).open("a", buffering=1)  # noqa: SIM115  # while it runs


_held: dict[int, float] = {}  # driver connection -> when it got the lock


def _time_locks() -> None:
    engine = db.engine

    def begun(connection: Connection) -> None:
        if is_writing():
            _held[id(connection.connection.dbapi_connection)] = perf_counter()

    def timed(end: Callable[[Any], None]) -> Callable[[Any], None]:
        def ended(driver_connection: Any) -> None:
            end(driver_connection)
            driver = getattr(driver_connection, "dbapi_connection", driver_connection)
            if began := _held.pop(id(driver), None):
                _times.write(f"{perf_counter() - began:.6f}\n")

        return ended

    event.listen(engine, "begin", begun)  # after our own, which takes the lock
    for end in ("do_commit", "do_rollback"):
        setattr(engine.dialect, end, timed(getattr(engine.dialect, end)))


with app.app_context():
    _time_locks()
