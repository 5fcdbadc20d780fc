"""Lock of all hosts, in PostgreSQL: shared by web and worker, exclusive for maintenance.

An advisory lock lives as long as its connection. Web and worker keep a connection, try it every few
seconds, and serve nothing while it is lost: another host may be changing keys or tables then.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from forum.core.instance_lock import NotNow, alone_here

RUNNING = 0x666F7275  # "foru": everybody who serves, or one who changes keys or tables
SHARED_JOBS = 0x666F726A  # the worker that does what is done once for all hosts
TRY_EVERY = 2.0  # seconds
TIMEOUT = 3  # seconds


class _Keeper:
    """Shared lock of this process, taken again where its connection was lost."""

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        self.is_held, self._stopped = False, Event()
        self._connection: Connection | None = None
        self._try()
        Thread(target=self._keep, name="host-lock", daemon=True).start()

    def _keep(self) -> None:
        while not self._stopped.wait(TRY_EVERY):
            self._try()

    def _try(self) -> None:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                asked = text("SELECT pg_try_advisory_lock_shared(:lock)")
                if not self._connection.scalar(asked, {"lock": RUNNING}):
                    self._drop()
            else:
                self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self._drop()
        self.is_held = self._connection is not None

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
        self._connection = None

    def stop(self) -> None:
        """Give the lock back."""
        self._stopped.set()
        self._drop()
        self.is_held = False


_kept: dict[str, _Keeper] = {}


def share(address: str) -> None:
    """Share the lock of all hosts while this process lives; do nothing without an address."""
    if address and address not in _kept:
        _kept[address] = _Keeper(address)


def release(address: str) -> None:
    """Give the shared lock of this process back."""
    if keeper := _kept.pop(address, None):
        keeper.stop()


def is_lost(address: str) -> bool:
    """True while this process has lost the lock it should share."""
    return address in _kept and not _kept[address].is_held


@contextmanager
def alone(instance: Path, address: str) -> Iterator[None]:
    """Hold the exclusive lock of this host and, at an address, of all. Raises NotNow while any of
    them serves.
    """
    with alone_here(instance), _taken(address, RUNNING) as is_mine:
        if not is_mine:
            raise NotNow(
                "Stop the forum first (web and worker), on every host, then run this again; or wait"
                " for the command that runs on another host."
            )
        yield


@contextmanager
def once_for_all(address: str) -> Iterator[bool]:
    """Lock of shared jobs: True for the single worker doing them now."""
    with _taken(address, SHARED_JOBS) as is_mine:
        yield is_mine


@contextmanager
def _taken(address: str, lock: int) -> Iterator[bool]:
    if not address:
        yield True
        return
    engine = _engine(address)
    with engine.connect() as connection:
        yield bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock}))
    engine.dispose()


def _engine(address: str) -> Engine:
    """Engine without a pool: closing a connection gives its locks back."""
    timeouts = {"connect_timeout": TIMEOUT, "tcp_user_timeout": TIMEOUT * 1000}
    return create_engine(
        address, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=timeouts
    )
