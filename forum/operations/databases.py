"""Copies of a database in use, and their way back: SQLite's file, or PostgreSQL's dump."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from uuid import uuid4

from sqlalchemy import URL, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from forum.core.key_stores import KeyStore, SqliteKeyStore
from forum.operations.copy_files import BadCopy

OF_SQLITE, OF_POSTGRESQL = b"SQLite format 3\0", b"PGDMP"  # first bytes of either copy
SCRATCH = "forum_verify_"  # beginning of the name of a database that is dropped again


def copy_sqlite(path: Path, target: Path) -> None:
    """Write a consistent copy of a SQLite file in use, each table by its keys.

    A copy page by page would hold the order in which rows were written since the last night.
    """
    with closing(sqlite3.connect(path)) as there:
        there.execute("VACUUM INTO ?", (str(target),))


def copy_keys(store: KeyStore, target: Path) -> None:
    """Write a copy of a key store as a file of SQLite, whatever kind the store is."""
    if isinstance(store, SqliteKeyStore):
        copy_sqlite(store.path, target)
        return
    copied = SqliteKeyStore(target)
    for circle_id, keys in store.rows().items():
        for version, wrapped in keys.items():
            copied.add(circle_id, version, wrapped)
    for circle_id in store.destroyed():  # read last: a circle closed meanwhile stays closed
        copied.destroy(circle_id)
    with closing(sqlite3.connect(target)) as rows:
        rows.execute("VACUUM")


def copy(address: str, target: Path) -> None:
    """Write a consistent copy of the database at `address`. Raises BadCopy."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        copy_sqlite(Path(str(url.database)), target)
    else:
        words = ("--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        _run(url, "pg_dump", *words)


def is_used(address: str) -> bool:
    """True where a database holds members already."""
    url, asked = make_url(address), "SELECT 1 FROM member LIMIT 1"
    if url.get_backend_name() == "sqlite":
        return bool(rows(Path(str(url.database)), "member", asked))
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            is_there = inspect(connection).has_table("member")
            return is_there and connection.execute(text(asked)).first() is not None
    finally:
        engine.dispose()


def rows(path: Path, table: str, asked: str) -> list[tuple[str]]:
    """Rows of a query on a SQLite file; empty without the file or table."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as there:
        known = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return there.execute(asked).fetchall() if there.execute(known, (table,)).fetchone() else []


def restore(content: Path, address: str) -> None:
    """Put a copy in place of the database at `address`, which holds no member. Raises BadCopy."""
    url = make_url(address)
    is_sqlite = url.get_backend_name() == "sqlite"
    with content.open("rb") as file:
        begins = file.read(len(OF_SQLITE))
    if not begins.startswith(OF_SQLITE if is_sqlite else OF_POSTGRESQL):
        wanted = "SQLite" if is_sqlite else "PostgreSQL"
        raise BadCopy(f"DATABASE_URL names {wanted}, and this copy was made of another database.")
    if is_sqlite:
        path = Path(str(url.database))
        for later in ("-wal", "-shm"):
            path.with_name(f"{path.name}{later}").unlink(missing_ok=True)
        content.chmod(0o600)
        content.replace(path)
        return
    words = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run(url, "pg_restore", "--clean", "--if-exists", *words, f"--dbname={url.database}", content)


@contextmanager
def scratch(content: Path, address: str, folder: Path) -> Iterator[str]:
    """Address of a new database, dropped at the end, in which a copy is looked at.

    A copy of SQLite's lies in `folder`, one of PostgreSQL's beside the database at `address`.
    """
    with content.open("rb") as file:
        is_sqlite = file.read(len(OF_SQLITE)) == OF_SQLITE
    if is_sqlite:
        there = f"sqlite:///{folder / 'forum.db'}"
        restore(content, there)
        yield there
        return
    url, name = make_url(address), f"{SCRATCH}{uuid4().hex}"
    if url.get_backend_name() != "postgresql":
        raise BadCopy("This copy was made of PostgreSQL: name a server of it in DATABASE_URL.")
    try:
        _order(url, f'CREATE DATABASE "{name}"')
    except SQLAlchemyError as error:
        raise BadCopy(
            "A copy of PostgreSQL is looked at in a database of its own, and this user may make"
            " none: ALTER ROLE … CREATEDB."
        ) from error
    try:
        there = url.set(database=name).render_as_string(hide_password=False)
        restore(content, there)
        yield there
    finally:
        _order(url, f'DROP DATABASE "{name}"')


def _order(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def _run(url: URL, program: str, *words: str | Path) -> None:
    """Run a program of PostgreSQL. The password stands in its surroundings, where nobody else sees
    it."""
    if not which(program):
        raise BadCopy(f"{program} is not here. On Debian: apt-get install postgresql-client")
    given = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    known = {name: str(value) for name, value in given.items() if value}
    done = subprocess.run(  # noqa: S603  # words of our own
        [program, *words], env=os.environ | known, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BadCopy(f"{program} failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
