"""Query plans of SQLite, where a wrong index would read a whole circle."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import event

from forum.core.db import db
from forum.core.tokens import short_id
from forum.discussions import post_queries
from tests.engine import of_sqlite
from tests.rows import of_circles

pytestmark = of_sqlite


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
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
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


PAGES = ("home", "circle", "thread", "reply", "drafts", "your-words", "people", "desk", "log")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_reads_a_table_of_circles_whole(world, page):
    """Fails when a statement looks for a row of a circle without naming the circle."""
    circle = f"/circles/{world.ids['rose']}"
    paths = {each: f"{circle}/{each}" for each in PAGES[5:]}
    paths |= {"home": "/", "circle": f"{circle}/", "thread": world.thread}
    paths |= {"drafts": "/drafts", "reply": f"{world.thread}/answer"}

    steps = plans(world, lambda _standing: world.client("mo").get(paths[page]))

    assert len(steps) > 5
    assert over_all_circles(steps) == []


def over_all_circles(steps):
    """Steps that read a table of circles whole, or look into each circle by turns."""
    tables = "|".join(each.name for each in of_circles())
    over_all = re.compile(rf"SCAN ({tables})(_\d+)?\b|SEARCH .*ANY\(circle_id\)")
    return [step for step in steps if over_all.match(step)]


def test_no_act_looks_beyond_its_circle(world):
    """Fails when a row is looked for by its mark or id alone."""
    said, mo = short_id(world.reply("ray", "An answer")), world.client("mo")
    thread = world.thread

    def acts(_standing):
        assert mo.answer(thread, body="Mine", do="own_name").status_code == 303
        for path in (f"{thread}/acknowledge", f"{thread}/keep", f"{thread}/not-now"):
            assert mo.submit(path, follows="everything").status_code == 303, path
        assert mo.submit(f"{thread}/posts", thank=said).status_code == 303
        assert mo.submit("/read").status_code == 303

    steps = plans(world, acts)

    assert len(steps) > 50
    assert over_all_circles(steps) == []


def test_a_thread_is_read_by_ids_and_not_by_its_circle(world):
    """Fails when the posts of a page are looked for among all of the circle's."""
    world.reply("ray", "An answer")

    steps = plans(world, lambda _standing: world.client("mo").get(world.thread))

    whole = re.compile(r"SEARCH (reply|quote|author) USING .*\(circle_id=\?( AND appears_at<\?)?\)")
    assert any("reply USING PRIMARY KEY (circle_id=? AND id=?)" in step for step in steps)
    assert not [step for step in steps if whole.match(step)]
