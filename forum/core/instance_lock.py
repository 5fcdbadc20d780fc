"""File lock of an installation: shared by web and worker, exclusive for maintenance."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNFINISHED = "keys.rotating"  # file in the instance folder while keys are being rotated

_held: list[IO[str]] = []


class NotNow(Exception):
    """Lock held by another process, or a key rotation left unfinished. The message names the
    reason.
    """


def share(instance: Path) -> None:
    """Take the shared lock until this process and its forks end. Raises NotNow."""
    if (instance / UNFINISHED).exists():
        raise NotNow("The keys were being changed: `scripts/forum keys rotate` goes on with it.")
    lock = _opened(instance)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise NotNow(
            "Another maintenance command is running. Try again when it has finished."
        ) from error
    _held.append(lock)


@contextmanager
def alone_here(instance: Path) -> Iterator[None]:
    """Hold the exclusive lock of this host. Raises NotNow while web or worker run."""
    with _opened(instance) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotNow("Stop the forum first (web and worker), then run this again.") from error
        yield


def _opened(instance: Path) -> IO[str]:
    return (instance / "running.lock").open("a")
