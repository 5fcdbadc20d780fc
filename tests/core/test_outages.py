"""PostgreSQL out of reach: 503 with the text kept, never 500, and all well once it is back."""

import pytest
from sqlalchemy import event

from forum.core.db import db
from tests import postgres

FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$
"""  # what the server answers then


def cut(world, *, back=False):
    """End all connections to the database of content, and take none until it is back."""
    address = world.settings["SQLALCHEMY_DATABASE_URI"]
    name = address.rpartition("/")[2]
    server = world.settings["KEYS_URL"]
    postgres.execute(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {back}')
    postgres.execute(
        server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )


def typed(world, words="Typed meanwhile"):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    return ray, composer, ray.tokens(composer) | {"body": words, "do": "own_name"}


def test_text_comes_back_while_the_database_is_away(here):
    ray, composer, sent = typed(here)
    cut(here)

    answers = [ray.get(here.thread), ray.post(composer, data=sent), ray.get("/sign-in")]

    assert [each.status_code for each in answers[:2]] == [503, 503]
    assert answers[2].status_code in (200, 503)
    assert "Typed meanwhile" in answers[1].text
    assert answers[1].headers["Retry-After"]
    cut(here, back=True)
    assert ray.post(composer, data=sent).status_code == 303
    assert here.client("pru").get(here.thread).text.count("Typed meanwhile") == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_moment_of_losing_the_connection_is_503(here, method):
    """Fails when a connection that ends at some statement, or after the last, gives a 500.

    The press is repeated until it went through, and is there once.
    """
    ray, composer, sent = typed(here)
    ask = {"get": lambda: ray.get(here.thread), "post": lambda: ray.post(composer, data=sent)}
    with here.app.app_context():
        engine = db.engine
    hooks = ("before_cursor_execute", "after_cursor_execute", "commit")
    statuses, step, left = [], 0, [0]
    while left[0] <= 0:
        step += 1
        left[0] = step

        def lose(connection, *_rest):
            left[0] -= 1
            if not left[0]:
                pid = connection.connection.driver_connection.info.backend_pid
                postgres.execute(here.settings["KEYS_URL"], f"SELECT pg_terminate_backend({pid})")

        for hook in hooks:
            event.listen(engine, hook, lose)
        statuses.append(ask[method]().status_code)
        for hook in hooks:
            event.remove(engine, hook, lose)

    assert {*statuses} == {503, statuses[-1]}
    assert len(statuses) > 5
    ray.post(composer, data=sent)
    assert here.client("pru").get(here.thread).text.count("Typed meanwhile") == 1


def test_a_pool_in_use_is_503(here):
    with here.app.app_context():
        engine = db.engine
    taken = [engine.connect() for _ in range(2)]
    try:
        answer = here.client().get("/sign-in")
        healthy = here.client().get("/healthz")
    finally:
        for each in taken:
            each.close()

    assert answer.status_code in (200, 503)
    assert healthy.status_code == 503
    ray, composer, sent = typed(here)
    assert ray.post(composer, data=sent).status_code == 303


def test_a_statement_over_its_time_is_503(here):
    ray, composer, sent = typed(here)
    with here.app.app_context():
        engine = db.engine

    def slow(connection, cursor, statement, *_rest):
        if statement.startswith("INSERT INTO reply"):
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(2)")

    event.listen(engine, "before_cursor_execute", slow)
    answer = ray.post(composer, data=sent)
    event.remove(engine, "before_cursor_execute", slow)

    assert answer.status_code == 503
    assert "Typed meanwhile" in answer.text
    assert ray.post(composer, data=sent).status_code == 303


def test_a_full_disk_of_the_server_is_503(here, caplog):
    """Fails when the text is lost, or the operator is not told."""
    ray, composer, sent = typed(here)
    with here.app.app_context(), db.engine.begin() as rows:
        rows.exec_driver_sql(FULL)
        rows.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON reply EXECUTE FUNCTION no_room()"
        )
    full, read = ray.post(composer, data=sent), ray.get(here.thread)
    with here.app.app_context(), db.engine.begin() as rows:
        rows.exec_driver_sql("DROP TRIGGER full_disk ON reply")

    assert (full.status_code, read.status_code) == (503, 200)
    assert "Typed meanwhile" in full.text
    assert "the disk is full: nothing can be written" in caplog.text
    assert ray.post(composer, data=sent).status_code == 303
    assert here.client("pru").get(here.thread).text.count("Typed meanwhile") == 1


def test_tables_of_another_release_are_503(here):
    ray, composer, sent = typed(here)
    with here.app.app_context(), db.engine.begin() as rows:
        rows.exec_driver_sql("ALTER TABLE reply RENAME COLUMN place TO position")

    answers = [ray.get(here.thread), ray.post(composer, data=sent)]

    assert [each.status_code for each in answers] == [503, 503]
    assert "Typed meanwhile" in answers[1].text
