"""The engine of the worlds of this run: SQLite's file, or with TEST_ENGINE=postgresql a server.

A world's database is copied from its twin's, as its folder is, and goes with its test.
"""

import atexit
import os
import weakref
from contextlib import ExitStack

from sqlalchemy import make_url

from tests import postgres

OPTIONS = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": 10}
IS_POSTGRESQL = os.environ.get("TEST_ENGINE") == "postgresql"

_running = ExitStack()
_begun, _databases, _worlds = [], [], weakref.WeakSet()


def server():
    """Address of the server of this process; "" for SQLite."""
    if not IS_POSTGRESQL:
        return ""
    if not _begun:
        _begun.append(_running.enter_context(postgres.server()))
        atexit.register(_running.close)
    return _begun[0]


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


def opened(world):
    """Remember a world, whose connections are closed before its database is dropped."""
    if IS_POSTGRESQL:
        _worlds.add(world)


def drop_all():
    """Drop the databases of the test that ends."""
    for world in [*_worlds]:
        world.close()
    _worlds.clear()
    while _databases:
        address = _databases.pop()
        postgres.order(_begun[0], f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')
