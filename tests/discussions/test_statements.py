"""What SQLite reads for a statement, where a wrong choice of index would read a whole circle."""

from uuid import uuid4

from sqlalchemy import event

from forum.core.db import db
from forum.discussions import queries


def plans(world, ask):
    """How SQLite goes about each statement of a query."""
    with world.app.app_context():
        standing, said = world.standing("mo"), []

        def note(_connection, _cursor, statement, parameters, *_rest):
            said.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", note)
        ask(standing)
        event.remove(db.engine, "before_cursor_execute", note)
        connection = db.session.connection()
        return [
            row[3]
            for statement, parameters in said
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def test_posts_that_were_found_are_looked_up_one_by_one(world):
    ids = [uuid4() for _ in range(20)]

    steps = plans(world, lambda standing: queries.posts(standing, ids))

    assert steps
    assert not [step for step in steps if "appears_at<" in step or "SCAN" in step]


def test_what_searches_compare_is_read_from_an_index_alone(world):
    steps = plans(world, queries.revisions) + plans(world, queries.next_change)

    assert steps
    assert all("COVERING INDEX" in step for step in steps)
