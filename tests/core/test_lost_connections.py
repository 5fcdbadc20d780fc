"""Connections that PostgreSQL has closed: replaced before they are used, without a query."""

import socket
from contextlib import closing
from time import sleep

import pytest
from sqlalchemy import create_engine, event, text

from config import engine_options
from forum.core import host_locks
from forum.core.key_stores import PostgresKeyStore, keys_engine
from tests import postgres

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(new_database):
    made = create_engine(new_database(), pool_size=1, max_overflow=0)
    yield made
    made.dispose()


def server_process(engine):
    with engine.connect() as connection:
        return connection.scalar(PID)


def test_a_closed_connection_is_replaced(engine, postgres_server):
    """Fails when the socket is not asked at checkout."""
    before = server_process(engine)
    postgres.execute(postgres_server, f"SELECT pg_terminate_backend({before}, 5000)")

    assert server_process(engine) != before


def test_an_open_connection_is_not_asked_a_query(engine):
    asked = []
    before = server_process(engine)
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    assert server_process(engine) == before
    assert asked == [str(PID)]


def test_a_notice_is_no_end(engine, postgres_server):
    """Fails when whatever lies in a socket is taken for its end."""
    with engine.connect() as connection:
        connection.execute(text("LISTEN news"))
        connection.commit()
    before = server_process(engine)
    postgres.execute(engine.url, "NOTIFY news")
    sleep(0.2)

    assert server_process(engine) == before


@pytest.mark.parametrize("of", ["content", "keys"])
def test_a_silent_server_is_given_up_in_a_quarter_of_a_minute(new_database, of):
    """Fails when an idle connection to a server that lost its power stands for longer: whoever
    uses it waits and meets an error. Linux gives it up at the second probe without an answer."""
    address = new_database()
    options = engine_options(has_pooler=False)
    engine = keys_engine(address) if of == "keys" else create_engine(address, **options)
    with engine.connect() as connection:
        number = connection.connection.driver_connection.pgconn.socket
        with socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM) as asked:
            waits = [
                asked.getsockopt(socket.IPPROTO_TCP, each)
                for each in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)
            ]
            is_on = asked.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    engine.dispose()

    assert is_on
    assert sum(waits) <= 15


@pytest.mark.parametrize("engine_to", [create_engine, keys_engine, host_locks._engine])
def test_a_silent_host_loses_its_locks_in_half_a_minute(new_database, engine_to):
    """Fails when PostgreSQL keeps the connections of a host that lost its power for two hours:
    meanwhile no host sends an email, or changes keys."""
    asked = text("SELECT name, setting::int FROM pg_settings WHERE name LIKE 'tcp_%'")
    engine = engine_to(new_database())
    with engine.connect() as connection:
        said = {name.removeprefix("tcp_"): most for name, most in connection.execute(asked)}
    engine.dispose()

    probes = said["keepalives_interval"] * said["keepalives_count"]
    assert 0 < said["keepalives_idle"] + probes <= 30
    assert 0 < said["user_timeout"] <= 30_000


def test_keys_are_read_and_written_after_the_server_closed_them(new_database, postgres_server):
    store = PostgresKeyStore(new_database())
    with closing(store):
        for content in (b"first", b"second"):
            store.write_note("a", content)
            assert store.note("a") == content
            postgres.execute(
                postgres_server,
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname LIKE 'forum_%' AND pid <> pg_backend_pid()",
            )
        assert store.note("a") == b"second"
