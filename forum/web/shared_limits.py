"""Storage of the `limits` library in memory that the web processes share, and no disk ever sees.

A table of SQLite in a file of shm_overview(7), which lies in memory: for all processes that are
forked after this module was loaded, and gone with the one that loaded it. Keys are the counters'
names, keyed digests themselves.
"""

import atexit
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from secrets import token_hex
from threading import local
from time import time

from limits.storage import Storage

SCHEME = "forum-shared"
WAIT = 2  # seconds for another process that counts
SWEEP_EVERY = 500  # counts between two looks for what has expired

MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108  # memory, and no disk
NAME = "forum-limits"


def _new_file() -> Path:
    """A file that this process and its forks hold locked; those that nobody holds are deleted.

    A process that was killed leaves its file. Whether it lives cannot be seen by its number: units
    of systemd do not see each other's processes.
    """
    ours = f"{NAME}-{os.geteuid()}-"
    for path in MEMORY.glob(f"{ours}*"):
        _delete_if_left(path)
    path = MEMORY / f"{ours}{token_hex(8)}"
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)  # to the end of the process
    flock(held, LOCK_SH)
    atexit.register(_delete, path, os.getpid())
    return path


def _delete_if_left(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:  # BlockingIOError is one: somebody holds it
        flock(file, LOCK_EX | LOCK_NB)
        path.unlink()


def _delete(path: Path, process: int) -> None:
    if os.getpid() == process:  # and in none of its forks
        path.unlink(missing_ok=True)


_FILE = _new_file()


class SharedLimits(Storage):
    """Counters with an expiry, each change of which is one transaction.

    path: of the file; that of this server, unless told.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # as the library wants it

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, path: Path = _FILE
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._path, self._open, self._counted = path, local(), 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, which begins anew once it has expired; returns its value."""
        now = time()
        self._counted += 1
        with self._rows() as rows:
            if self._counted % SWEEP_EVERY == 0:
                rows.execute("DELETE FROM counter WHERE expires_at <= ?", [now])
            found = rows.execute(
                "INSERT INTO counter VALUES (:key, :amount, :until)"
                " ON CONFLICT (key) DO UPDATE SET"
                " number = CASE WHEN expires_at <= :now THEN 0 ELSE number END + :amount,"
                " expires_at = CASE WHEN expires_at <= :now THEN :until ELSE expires_at END"
                " RETURNING number",
                {"key": key, "amount": amount, "until": now + expiry, "now": now},
            ).fetchall()
        return int(found[0][0])

    def get(self, key: str) -> int:
        """Value of a counter; 0 after expiry."""
        found = self._found(key)
        return found[0] if found else 0

    def get_expiry(self, key: str) -> float:
        """Moment at which a counter expires, in seconds since 1970; now for one that has."""
        found = self._found(key)
        return found[1] if found else time()

    def check(self) -> bool:
        """True where counters can be read."""
        with self._rows() as rows:
            return rows.execute("SELECT 1").fetchone() is not None

    def reset(self) -> int | None:
        """Delete all counters; returns their number."""
        with self._rows() as rows:
            return rows.execute("DELETE FROM counter").rowcount

    def clear(self, key: str) -> None:
        """Delete a counter."""
        with self._rows() as rows:
            rows.execute("DELETE FROM counter WHERE key = ?", [key])

    def _found(self, key: str) -> tuple[int, float] | None:
        """Value and expiry of a counter; None after expiry."""
        asked = "SELECT number, expires_at FROM counter WHERE key = ? AND expires_at > ?"
        with self._rows() as rows:
            found: tuple[int, float] | None = rows.execute(asked, [key, time()]).fetchone()
        return found

    @contextmanager
    def _rows(self) -> Iterator[sqlite3.Connection]:
        """Writing transaction; each thread of each process has its own connection."""
        if getattr(self._open, "process", None) != os.getpid():
            self._open.rows, self._open.process = self._connected(), os.getpid()
        rows: sqlite3.Connection = self._open.rows
        rows.execute("BEGIN IMMEDIATE")
        try:
            yield rows
        except BaseException:
            rows.execute("ROLLBACK")
            raise
        rows.execute("COMMIT")

    def _connected(self) -> sqlite3.Connection:
        rows = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
            rows.execute(f"PRAGMA {pragma}")
        rows.execute(
            "CREATE TABLE IF NOT EXISTS counter"
            " (key TEXT PRIMARY KEY, number INTEGER, expires_at REAL) WITHOUT ROWID"
        )
        return rows
