"""Pages on PostgreSQL: each statement by itself, prepared once for a connection."""

import pytest
from sqlalchemy import text

from forum.core.db import db, one_at_a_time, unit_of_work
from forum.core.errors import NotFound


def test_statements_of_pages_stay_prepared(here):
    """Fails when a page ends with a ROLLBACK, at which psycopg forgets what it prepared."""
    mo = here.client("mo")
    for _ in range(8):
        assert mo.get(here.thread).status_code == 200

    with here.app.app_context():
        asked = text("SELECT statement FROM pg_prepared_statements")
        prepared = db.session.scalars(asked).all()
    for table in ("session", "membership", "thread", "reply"):
        assert any(f"FROM {table} " in " ".join(each.split()) for each in prepared), table


def test_a_unit_of_work_that_fails_leaves_nothing(here):
    """Fails when units of work write statement by statement, as pages read."""
    with here.app.app_context():
        with pytest.raises(NotFound):
            suspend_all(NotFound())
        assert suspended() == {False}
        suspend_all()
        assert suspended() == {True}


def suspend_all(error=None):
    with unit_of_work():
        db.session.execute(text("UPDATE member SET is_suspended = true"))
        if error:
            raise error


def suspended():
    return {*db.session.scalars(text("SELECT is_suspended FROM member"))}


def test_locks_are_taken_in_units_of_work_alone(world):
    """Fails when a lock that ends with its own statement is taken for one that is held."""
    with world.app.app_context(), pytest.raises(RuntimeError, match="outside a unit of work"):
        one_at_a_time("account", world.ids["ray"])
