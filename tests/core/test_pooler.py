"""pgbouncer in transaction mode between the forum and PostgreSQL."""

import os
import shutil
import socket
import subprocess

import pytest
from sqlalchemy import make_url, text

from config import engine_options
from forum.core.db import db
from tests.ports import wait_for_port
from tests.world import World

POOLER = """
[databases]
* = host=127.0.0.1 port={port} user=forum
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 50
user = {user}
"""


@pytest.fixture
def pooled(tmp_path_factory, new_database):
    """Address of a database by way of pgbouncer, which has two connections for all."""
    if not shutil.which("pgbouncer"):
        pytest.skip("not run: pgbouncer is not here")
    url, folder = make_url(new_database()), tmp_path_factory.mktemp("pooler")
    with socket.create_server(("127.0.0.1", 0)) as free:
        own = free.getsockname()[1]
    user = "postgres" if os.geteuid() == 0 else ""
    path = folder / "pgbouncer.ini"
    said = POOLER.format(port=url.port, own=own, user=user)
    path.write_text(said)
    for each in (path, folder, *folder.parents[:2]):
        each.chmod(each.stat().st_mode | 0o055)
    words = ["pgbouncer", "-q", str(path)]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            wait_for_port(own)
            yield url.set(port=own).render_as_string(hide_password=False)
        finally:
            process.terminate()


def test_the_forum_works_behind_a_pooler_of_transactions(tmp_path, pooled):
    """Eight requests in a row, and transactions of two clients on connections that change hands."""
    options = engine_options(has_pooler=True)
    world = World(tmp_path, SQLALCHEMY_DATABASE_URI=pooled, SQLALCHEMY_ENGINE_OPTIONS=options)
    try:
        for turn in range(8):  # psycopg would prepare a statement at its sixth run
            world.reply("ray", f"Number {turn}")
            assert f"Number {turn}" in world.client("pru").get(world.thread).text
        with world.app.app_context(), db.engine.connect() as one, db.engine.connect() as other:
            asked = text("SELECT CAST(:a AS integer)")
            for _ in range(8):
                one.execute(asked, {"a": 1})
                one.rollback()
            other.exec_driver_sql("SELECT 2")  # and keeps the connection that the first had
            assert one.scalar(asked, {"a": 1}) == 1
    finally:
        world.close()


def test_options_ask_for_no_prepared_statements():
    prepares = [engine_options(has_pooler=each)["connect_args"] for each in (False, True)]

    assert ["prepare_threshold" in each for each in prepares] == [False, True]
