"""A throw-away server of PostgreSQL, where Debian's is installed."""

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text


@contextmanager
def server():
    """Address of an empty database on a server of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("not run: PostgreSQL is not here")
    home, folder = programs[-1].parent, Path(mkdtemp(prefix="forum-postgres-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*words):
        subprocess.run(  # noqa: S603  # words of our own
            words,
            check=True,
            capture_output=True,
            user=owner and owner.pw_uid,
            group=owner and owner.pw_gid,
            cwd=folder,
        )

    data, options = folder / "data", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -F"
    run(home / "initdb", "-D", data, "-U", "forum", "--auth=trust", "-E", "UTF8", "--no-sync")
    run(home / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://forum@127.0.0.1:{port}/postgres"
    finally:
        run(home / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def new_database(address, template="template0"):
    """Address of a new database on a server, as full as its template."""
    name = f"forum_{uuid4().hex}"
    execute(address, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def execute(address, statement):
    """Run a statement outside any transaction."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
