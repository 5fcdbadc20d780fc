"""Reading waits for nobody: a mark is moved once the answer is out, or given up."""

import sqlite3
from contextlib import contextmanager
from time import monotonic

from flask.testing import FlaskClient
from sqlalchemy import select

from forum.core.db import db
from forum.discussions.models import ReadMark

PATIENCE = 0.2  # seconds


@contextmanager
def somebody_writes(world):
    """Hold the database's write lock, as a long piece of work would."""
    [path] = [path for path in world.files() if path.name == "forum.db"]
    hold = sqlite3.connect(path, isolation_level=None, timeout=1)
    hold.execute("BEGIN IMMEDIATE")
    yield
    hold.execute("ROLLBACK")
    hold.close()


def marks(world):
    with world.app.app_context():
        return db.session.scalars(select(ReadMark)).all()


def test_no_page_waits_for_whoever_writes(world):
    world.reply("ray", "Something new")
    client = world.client("ivy")
    client.get("/account")
    pages = ("/", f"/circles/{world.ids['rose']}/", world.thread, "/next", "/drafts")
    took = {}
    with somebody_writes(world):
        for page in pages:
            client.get(page)  # what is done once a process
            begin = monotonic()
            assert client.get(page).status_code in (200, 303)
            took[page] = monotonic() - begin

    assert max(took.values()) < PATIENCE + max(took["/drafts"], 0.3)  # a busy machine is not a bug
    assert marks(world) == []  # given up, and new once more


def test_the_mark_is_moved_after_the_answer_was_made(world):
    """Fails when the page is made, and so waits, inside the work that moves the mark."""
    client = world.client("ivy")
    answer = FlaskClient.open(client, world.thread)  # ours reads an answer to its end
    before = len(marks(world))
    answer.close()

    assert (before, len(marks(world))) == (0, 1)


def test_writers_wait_as_long_as_ever_after_a_mark_was_given_up(world):
    """Fails when the short patience of a mark stays with the connection."""
    client = world.client("ivy")
    with somebody_writes(world):
        client.get(world.thread)
    with world.app.app_context(), db.engine.connect() as connection:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()

    assert waits == 10_000
