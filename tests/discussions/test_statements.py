"""Query plans of SQLite, where a wrong index would read a whole circle."""

from uuid import uuid4

from sqlalchemy import event

from forum.core.db import db
from forum.discussions import post_queries


def plans(world, ask):
    """Query plans of all statements run by `ask`."""
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


def test_found_posts_are_looked_up_by_id(world):
    ids = [uuid4() for _ in range(20)]

    steps = plans(world, lambda standing: post_queries.posts(standing, ids))

    assert steps
    assert not [step for step in steps if "appears_at<" in step or "SCAN" in step]


def test_revisions_are_read_from_a_covering_index(world):
    steps = plans(world, post_queries.revisions) + plans(world, post_queries.next_change)

    reads = [
        step for step in steps if step.startswith(("SEARCH", "SCAN")) and "CONSTANT" not in step
    ]
    assert len(reads) == 6
    assert all("COVERING INDEX" in step for step in reads)
