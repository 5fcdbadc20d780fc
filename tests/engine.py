"""The engine of the worlds of this run: SQLite's file, or with TEST_ENGINE=postgresql a server,
and Redis beside it, as several hosts have it.

With TEST_PARTITIONS=4 as well, the tables of circles are spread by circle over so many partitions.
A world's database is copied from its twin's, as its folder is, and goes with its test or module.
"""

import atexit
import json
import os
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import DDL, event, make_url

from tests import postgres, redis_server
from tests.rows import of_circles

OPTIONS = {"pool_size": 5, "max_overflow": 5, "pool_timeout": 10}
IS_POSTGRESQL = os.environ.get("TEST_ENGINE") == "postgresql"

of_sqlite = pytest.mark.skipif(IS_POSTGRESQL, reason="not run: of SQLite's file")

FILE = "engine.json"  # settings of an installation whose database is no file of its folder
PARTITIONS = int(os.environ.get("TEST_PARTITIONS", "0"))

_running = ExitStack()
_servers, _databases, _worlds, _counters = [], [], [], []
_numbers = count()


def server():
    """Address of the server of this process; "" for SQLite."""
    if not IS_POSTGRESQL:
        return ""
    if not _servers:
        _servers.append(_running.enter_context(postgres.server()))
        _spread_by_circle()
        atexit.register(_running.close)
    return _servers[0]


def redis():
    """Address of a database of Redis that no other world of this process has."""
    if not _counters:
        _counters.append(_running.enter_context(redis_server.server()))
    return f"{_counters[0]}/{next(_numbers)}"


def _spread_by_circle():
    """Have the tables of circles made in partitions by the hash of the circle, as they are."""
    for table in of_circles() if PARTITIONS else ():
        table.dialect_options["postgresql"]["partition_by"] = "HASH (circle_id)"
        for number in range(PARTITIONS):
            part = DDL(
                f"CREATE TABLE {table.name}_{number} PARTITION OF {table.name}"
                f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
            event.listen(table, "after_create", part)


def empty(address):
    """Address of an empty database of a test."""
    _databases.append(postgres.new_database(address))
    return _databases[-1]


def copy(address, database, *, is_kept=False):
    """Address of a copy of a database. is_kept: beyond this test."""
    made = postgres.new_database(address, make_url(database).database)
    if not is_kept:
        _databases.append(made)
    return made


def settings(database, redis):
    """Settings of an installation with a database on a server, and Redis beside it."""
    return {
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": OPTIONS,
        "REDIS_URL": redis,
        "RATELIMIT_STORAGE_URI": redis,
    }


def write(folder, database, redis):
    """Write the settings of an installation into its folder, for processes that serve it."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, FILE).write_text(json.dumps(settings(database, redis)))


def read(folder):
    """Settings of an installation as written; none for SQLite's file."""
    path = Path(folder, FILE)
    return json.loads(path.read_text()) if path.exists() else {}


def begin(folder):
    """Have an installation without a world begin with an empty database of this run's engine."""
    if IS_POSTGRESQL:
        write(folder, empty(server()), redis())


def opened(world):
    """Remember a world, whose connections are closed before its database is dropped."""
    if IS_POSTGRESQL:
        _worlds.append(world)  # held, or its connections would go before they are closed


@contextmanager
def dropping():
    """Drop the databases that are made in the block, and close their worlds, as it ends."""
    before, open_before = len(_databases), len(_worlds)
    yield
    while len(_worlds) > open_before:
        _worlds.pop().close()
    while len(_databases) > before:
        address = _databases.pop()
        postgres.execute(_servers[0], f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')
