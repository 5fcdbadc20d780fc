"""Who is at work on an installation: web and worker share a lock that some work wants alone."""

import fcntl
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNFINISHED = "keys.rotating"  # a file in the instance folder while its keys are being changed

_held: list[IO[str]] = []


class NotNow(Exception):
    """Others are at work here, or work was left half done. Says which, plainly."""


def share(instance: Path) -> None:
    """Be at work here until this process, and all that come of it, end. Raises NotNow."""
    if (instance / UNFINISHED).exists():
        raise NotNow("The keys were being changed: `scripts/forum keys rotate` goes on with it.")
    lock = _opened(instance)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise NotNow("Somebody is looking after this forum; try again in a while.") from error
    _held.append(lock)


@contextmanager
def alone(instance: Path) -> Iterator[None]:
    """Be at work here with nobody else. Raises NotNow where web or worker run."""
    with _opened(instance) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotNow("Stop the forum first, web and worker.") from error
        yield


def _opened(instance: Path) -> IO[str]:
    return (instance / "running.lock").open("a")


def settle() -> None:
    """Leave what was loaded so far out of every later collection, and collect less often.

    A page makes and drops thousands of objects; looking each time at all that will stay for good
    takes a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
