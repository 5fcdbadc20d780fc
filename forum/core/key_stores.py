"""Stores of wrapped circle keys and of destroyed circles: a file of this host, or PostgreSQL.

A shared store also holds the common ground of all hosts: fingerprints of root keys, heads of logs,
and which host's turn it is. A file keeps none of these: it has a single host.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from threading import Lock, local
from time import time
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, create_engine, text

from config import PATIENCE
from forum.core.errors import NotFound

Wrapped = dict[UUID, dict[int, bytes]]  # circle -> version -> wrapped key

POOL_TIMEOUT = 5  # seconds for a free connection of this process
POOL_SIZE = 3


class KeyStore(ABC):
    """Wrapped keys, by circle and version, and the ids of circles whose keys were destroyed."""

    name: str  # in sentences for an operator
    ahead = 0.0  # seconds by which this machine's clock was ahead of the store's
    is_shared = False  # with other hosts

    @abstractmethod
    def rows(self, circle_ids: Collection[UUID] | None = None, *, limit: int = 0) -> Wrapped:
        """Wrapped keys of these circles, or of all. limit: number of keys at most."""

    @abstractmethod
    def circles(self) -> frozenset[UUID]:
        """Circles with a key."""

    @abstractmethod
    def destroyed(self) -> frozenset[UUID]:
        """Circles whose key was destroyed."""

    @abstractmethod
    def was_destroyed(self, circle_id: UUID) -> bool:
        """True for a circle whose key was destroyed."""

    @abstractmethod
    def add(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        """Add a key, unless this version is there. Raises NotFound for a destroyed circle."""

    @abstractmethod
    def replace(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        """Replace a key that is there."""

    @abstractmethod
    def destroy(self, circle_id: UUID) -> None:
        """Delete a circle's keys for good, and note its id."""

    def fingerprints(self) -> Mapping[int, bytes]:
        """Fingerprints of root keys, by version; none in a file.

        Empty bytes for a version whose rotation has begun and is not finished.
        """
        return {}

    @abstractmethod
    def add_fingerprint(self, version: int, fingerprint: bytes) -> None:
        """Add the fingerprint of a root key, in place of empty bytes."""

    @abstractmethod
    def note(self, name: str) -> bytes | None:
        """A note to all hosts; None where there is none."""

    @abstractmethod
    def write_note(self, name: str, content: bytes | None) -> None:
        """Write a note, or take it away."""

    @abstractmethod
    def log_heads(self) -> bytes | None:
        """Heads of all logs, sealed; None before the first checkpoint."""

    @abstractmethod
    def write_log_heads(self, sealed: bytes | None) -> None:
        """Write the heads of all logs, or forget them."""

    @abstractmethod
    def take_turn(self, name: str, every: float) -> bool:
        """True for the first host that asks within `every` seconds, by the store's own clock."""

    @abstractmethod
    def tidy(self) -> None:
        """Overwrite deleted rows, where deleting alone leaves them in the file."""


class SqliteKeyStore(KeyStore):
    """A file of this host. log_heads: path of the file beside it."""

    def __init__(self, path: Path, log_heads: Path | None = None) -> None:
        self.path, self.name, self._open = path, path.name, local()
        self._log_heads = log_heads or path.with_name("log-heads")
        path.touch(mode=0o600)
        with self._opened() as rows:
            rows.execute(
                "CREATE TABLE IF NOT EXISTS circle_key (circle_id TEXT, version INTEGER,"
                " wrapped BLOB NOT NULL, PRIMARY KEY (circle_id, version)) WITHOUT ROWID"
            )
            rows.execute(
                "CREATE TABLE IF NOT EXISTS destroyed (circle_id TEXT PRIMARY KEY) WITHOUT ROWID"
            )
            rows.execute(
                "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, content BLOB NOT NULL)"
                " WITHOUT ROWID"
            )

    def rows(self, circle_ids: Collection[UUID] | None = None, *, limit: int = 0) -> Wrapped:
        statement, known = "SELECT circle_id, version, wrapped FROM circle_key", list[Any]()
        if circle_ids is not None:
            statement += " WHERE circle_id IN (SELECT value FROM json_each(?))"
            known = [dumps([*map(str, circle_ids)])]
        with self._opened() as rows:
            return _by_circle(rows.execute(f"{statement} LIMIT ?", [*known, limit or -1]))

    def circles(self) -> frozenset[UUID]:
        return self._ids("SELECT DISTINCT circle_id FROM circle_key")

    def destroyed(self) -> frozenset[UUID]:
        return self._ids("SELECT circle_id FROM destroyed")

    def was_destroyed(self, circle_id: UUID) -> bool:
        with self._opened() as rows:
            return _is_destroyed(rows, circle_id)

    def add(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        with self._opened() as rows:
            rows.execute("BEGIN IMMEDIATE")  # nothing is destroyed between question and row
            if _is_destroyed(rows, circle_id):
                raise NotFound
            known = (str(circle_id), version, wrapped)
            rows.execute("INSERT OR IGNORE INTO circle_key VALUES (?, ?, ?)", known)

    def replace(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        statement = "UPDATE circle_key SET wrapped = ? WHERE circle_id = ? AND version = ?"
        with self._opened() as rows:
            rows.execute(statement, (wrapped, str(circle_id), version))

    def destroy(self, circle_id: UUID) -> None:
        with self._opened() as rows:
            rows.execute("DELETE FROM circle_key WHERE circle_id = ?", (str(circle_id),))
            rows.execute("INSERT OR IGNORE INTO destroyed VALUES (?)", (str(circle_id),))

    def add_fingerprint(self, version: int, fingerprint: bytes) -> None:
        """Do nothing: a file has a single host."""

    def note(self, name: str) -> bytes | None:
        with self._opened() as rows:
            found = rows.execute("SELECT content FROM note WHERE name = ?", [name]).fetchone()
        return found and bytes(found[0])

    def write_note(self, name: str, content: bytes | None) -> None:
        with self._opened() as rows:
            rows.execute("DELETE FROM note WHERE name = ?", [name])
            if content is not None:
                rows.execute("INSERT INTO note VALUES (?, ?)", [name, content])

    def take_turn(self, name: str, every: float) -> bool:
        return True  # a file has a single host

    def tidy(self) -> None:
        """Do nothing: SQLite overwrites at once."""

    def log_heads(self) -> bytes | None:
        return self._log_heads.read_bytes() if self._log_heads.exists() else None

    def write_log_heads(self, sealed: bytes | None) -> None:
        if sealed is None:
            self._log_heads.unlink(missing_ok=True)
            return
        draft = self._log_heads.with_suffix(".draft")
        draft.write_bytes(sealed)
        draft.replace(self._log_heads)

    def _ids(self, statement: str) -> frozenset[UUID]:
        with self._opened() as rows:
            return frozenset(UUID(row[0]) for row in rows.execute(statement))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Transaction of the file; each thread keeps it open."""
        if not hasattr(self._open, "rows"):
            self._open.rows = sqlite3.connect(self.path, timeout=10)
            self._open.rows.execute("PRAGMA secure_delete = ON")
        with self._open.rows as rows:
            yield rows


class PostgresKeyStore(KeyStore):
    """A database shared by all hosts, reached with the first query."""

    is_shared = True
    name = "The database of KEYS_URL"

    def __init__(self, address: str) -> None:
        self.address = address
        self._prepared, self._first = False, Lock()
        self._engine = keys_engine(address)
        self._writing = self._engine.execution_options(isolation_level="READ COMMITTED")

    def rows(self, circle_ids: Collection[UUID] | None = None, *, limit: int = 0) -> Wrapped:
        statement, known = "SELECT circle_id, version, wrapped FROM circle_key", dict[str, Any]()
        if circle_ids is not None:
            statement, known = f"{statement} WHERE circle_id = ANY(%(ids)s)", {"ids": [*circle_ids]}
        if limit:
            statement += f" LIMIT {limit:d}"
        return _by_circle(tuple(each) for each in self._asked(statement, known))

    def circles(self) -> frozenset[UUID]:
        return self._ids("SELECT DISTINCT circle_id FROM circle_key")

    def destroyed(self) -> frozenset[UUID]:
        return self._ids("SELECT circle_id FROM destroyed")

    def was_destroyed(self, circle_id: UUID) -> bool:
        statement = "SELECT 1 FROM destroyed WHERE circle_id = %(id)s"
        return bool(self._asked(statement, {"id": circle_id}))

    def add(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        known = {"id": circle_id, "version": version, "wrapped": wrapped}
        with self._opened() as rows:
            _lock(rows, circle_id)
            gone = text("SELECT 1 FROM destroyed WHERE circle_id = :id")
            if rows.execute(gone, known).first():
                raise NotFound
            statement = "INSERT INTO circle_key VALUES (:id, :version, :wrapped)"
            rows.execute(text(f"{statement} ON CONFLICT DO NOTHING"), known)

    def replace(self, circle_id: UUID, version: int, wrapped: bytes) -> None:
        statement = (
            "UPDATE circle_key SET wrapped = :wrapped WHERE circle_id = :id AND version = :v"
        )
        with self._opened() as rows:
            rows.execute(text(statement), {"wrapped": wrapped, "id": circle_id, "v": version})

    def destroy(self, circle_id: UUID) -> None:
        known = {"id": circle_id}
        with self._opened() as rows:
            _lock(rows, circle_id)
            rows.execute(text("DELETE FROM circle_key WHERE circle_id = :id"), known)
            noted = text("INSERT INTO destroyed VALUES (:id) ON CONFLICT DO NOTHING")
            rows.execute(noted, known)

    def fingerprints(self) -> Mapping[int, bytes]:
        found = self._asked("SELECT version, fingerprint, now() FROM root_key")
        if found:
            self.ahead = time() - found[0].now.timestamp()
        return {row.version: bytes(row.fingerprint) for row in found}

    def add_fingerprint(self, version: int, fingerprint: bytes) -> None:
        statement = (
            "INSERT INTO root_key VALUES (:v, :fingerprint) ON CONFLICT (version)"
            " DO UPDATE SET fingerprint = excluded.fingerprint WHERE root_key.fingerprint = ''"
        )
        with self._opened() as rows:
            rows.execute(text(statement), {"v": version, "fingerprint": fingerprint})

    def replace_all(self, wrapped: Wrapped, destroyed: Collection[UUID]) -> None:
        """Put the keys of a backup in place of all; circles destroyed here stay destroyed.

        Fingerprints go too: those of the backup's roots come with the next request.
        """
        with self._opened() as rows:
            rows.execute(text("LOCK TABLE circle_key, destroyed, root_key"))
            noted = text("INSERT INTO destroyed VALUES (:id) ON CONFLICT DO NOTHING")
            for circle_id in destroyed:
                rows.execute(noted, {"id": circle_id})
            rows.execute(text("DELETE FROM circle_key"))
            rows.execute(text("DELETE FROM root_key"))
            added = text(
                "INSERT INTO circle_key SELECT :id, :version, :wrapped"
                " WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE circle_id = :id)"
            )
            for circle_id, keys in wrapped.items():
                for version, key in keys.items():
                    known = {"id": circle_id, "version": version, "wrapped": key}
                    rows.execute(added, known)

    def note(self, name: str) -> bytes | None:
        found = self._asked("SELECT content FROM note WHERE name = %(name)s", {"name": name})
        return bytes(found[0].content) if found else None

    def write_note(self, name: str, content: bytes | None) -> None:
        statement = (
            "DELETE FROM note WHERE name = :name"
            if content is None
            else "INSERT INTO note VALUES (:name, :content)"
            " ON CONFLICT (name) DO UPDATE SET content = excluded.content"
        )
        with self._opened() as rows:
            rows.execute(text(statement), {"name": name, "content": content})

    def log_heads(self) -> bytes | None:
        return self.note(LOG_HEADS)

    def write_log_heads(self, sealed: bytes | None) -> None:
        self.write_note(LOG_HEADS, sealed)

    def take_turn(self, name: str, every: float) -> bool:
        statement = text(
            "INSERT INTO turn VALUES (:name, now()) ON CONFLICT (name) DO UPDATE"
            " SET taken_at = now() WHERE turn.taken_at < now() - make_interval(secs => :every)"
            " RETURNING name"
        )
        with self._opened() as rows:
            return rows.execute(statement, {"name": name, "every": every}).first() is not None

    def close(self) -> None:
        """Close all connections of this process."""
        self._engine.dispose()

    def tidy(self) -> None:
        """Write the tables anew: PostgreSQL leaves deleted rows in their file."""
        for table in ("circle_key", "note"):
            with self._engine.connect() as rows:
                rows.execute(text(f"VACUUM FULL {table}"))

    def _ids(self, statement: str) -> frozenset[UUID]:
        return frozenset(circle_id for (circle_id,) in self._asked(statement))

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        """Transaction of the database."""
        self._prepare()
        with self._writing.begin() as rows:
            yield rows

    def _asked(self, statement: str, known: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Rows of a query without a transaction.

        statement: as the driver takes it, since every page asks.
        """
        self._prepare()
        with self._engine.connect() as rows:
            return rows.exec_driver_sql(statement, dict(known or {})).all()

    def _prepare(self) -> None:
        """Make the tables, with the first query of this process."""
        with self._first:
            if not self._prepared:
                with self._writing.begin() as rows:
                    rows.execute(text("SELECT pg_advisory_xact_lock(1)"))
                    for table in TABLES:
                        rows.execute(text(f"CREATE TABLE IF NOT EXISTS {table}"))
                self._prepared = True


LOG_HEADS = "log-heads"
TABLES = (
    "circle_key (circle_id uuid, version integer, wrapped bytea NOT NULL,"
    " PRIMARY KEY (circle_id, version))",
    "destroyed (circle_id uuid PRIMARY KEY)",
    "root_key (version integer PRIMARY KEY, fingerprint bytea NOT NULL)",
    "note (name text PRIMARY KEY, content bytea NOT NULL)",
    "turn (name text PRIMARY KEY, taken_at timestamptz NOT NULL)",
)


def keys_engine(address: str) -> Engine:
    """Engine of the keys' database: few connections, short patience, no transaction of its own."""
    return create_engine(
        address,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        connect_args=PATIENCE,
    )


def key_store(address: str, path: Path, log_heads: Path | None = None) -> KeyStore:
    """Store at the address of KEYS_URL, or where that is blank the file at `path`."""
    return PostgresKeyStore(address) if address else SqliteKeyStore(path, log_heads)


def _by_circle(rows: Any) -> Wrapped:
    found: Wrapped = {}
    for circle_id, version, wrapped in rows:
        known = circle_id if isinstance(circle_id, UUID) else UUID(circle_id)
        found.setdefault(known, {})[version] = bytes(wrapped)
    return found


def _is_destroyed(rows: sqlite3.Connection, circle_id: UUID) -> bool:
    statement = "SELECT 1 FROM destroyed WHERE circle_id = ?"
    return rows.execute(statement, (str(circle_id),)).fetchone() is not None


def _lock(rows: Connection, circle_id: UUID) -> None:
    """Let a circle's key be made or destroyed by one host at a time."""
    key = int.from_bytes(circle_id.bytes[:8], signed=True)
    rows.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
