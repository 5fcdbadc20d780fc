"""Read marks move after the response is sent, or are abandoned if the database is busy."""

import sqlite3
from contextlib import contextmanager
from time import monotonic

from flask.testing import FlaskClient
from sqlalchemy import select

from forum.core.db import db
from forum.discussions.models import ReadMark
from tests.engine import of_sqlite

PATIENCE = 0.2  # seconds


@contextmanager
def somebody_writes(world):
    """Hold the database's write lock, like a long transaction."""
    [path] = [path for path in world.files() if path.name == "forum.db"]
    hold = sqlite3.connect(path, isolation_level=None, timeout=1)
    hold.execute("BEGIN IMMEDIATE")
    yield
    hold.execute("ROLLBACK")
    hold.close()


def marks(world):
    with world.app.app_context():
        return db.session.scalars(select(ReadMark)).all()


@of_sqlite
def test_no_page_waits_for_a_writer(world):
    world.reply("ray", "Something new")
    client = world.client("ivy")
    client.get("/account")
    pages = ("/", f"/circles/{world.ids['rose']}/", world.thread, "/next", "/drafts")
    took = {}
    with somebody_writes(world):
        for page in pages:
            client.get(page)  # warm up
            begin = monotonic()
            assert client.get(page).status_code in (200, 303)
            took[page] = monotonic() - begin

    assert max(took.values()) < PATIENCE + max(took["/drafts"], 0.3)  # allow for a busy machine
    assert marks(world) == []  # abandoned: the thread stays unread


def test_mark_moves_after_the_response(world):
    """Fails when the page is rendered inside the transaction which moves the mark."""
    client = world.client("ivy")
    answer = FlaskClient.open(client, world.thread)  # our client reads responses to the end
    before = len(marks(world))
    answer.close()

    assert (before, len(marks(world))) == (0, 1)


@of_sqlite
def test_abandoned_mark_restores_the_usual_timeout(world):
    """Fails when the mark's short timeout stays with the connection."""
    client = world.client("ivy")
    with somebody_writes(world):
        client.get(world.thread)
    with world.app.app_context(), db.engine.connect() as connection:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()

    assert waits == 10_000
