"""Gunicorn configuration; address and number of workers come from the environment."""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from config import from_environment, settings
from forum.core import host_locks
from forum.core.garbage_collection import freeze_loaded_objects
from forum.core.instance_lock import NotNow, share
from forum.web import page_counts, shared_limits

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MOST_WORKERS = 8  # each takes some 130 MB
LOADED = page_counts, shared_limits  # loaded before the processes are forked

_set = settings()
bind = f"{_set.bind}:{_set.port}"
# Those of this process may be fewer than the machine's. Counters are shared: see the imports below.
workers = _set.web_workers or min(len(os.sched_getaffinity(0)), MOST_WORKERS)
worker_class = "gthread"
threads = max(1, 4 // workers)  # pages are CPU-bound: further threads would only wait
limit_request_line = 8190  # addresses hold sealed queries
loglevel = "error"  # a warning would log the client's address
control_socket_disable = True

PATIENCE = 0.25  # seconds: a page waiting for a disk must not block the process


def on_starting(server: Any) -> None:
    """Hold the instance lock until the last process of this server ends."""
    try:
        share(from_environment().INSTANCE)
    except NotNow as error:
        raise SystemExit(str(error)) from None


def post_worker_init(worker: Any) -> None:
    """Prepare a worker process once the forum is loaded."""
    host_locks.share(worker.wsgi.config["LOCKS_URL"])
    freeze_loaded_objects()
    page_counts.SHARED.take_slot(worker.age)
    worker.wsgi = one_at_a_time(worker.wsgi)


def one_at_a_time(app: Application) -> Application:
    """Render pages one after another; threads serve requests arriving and responses leaving.

    Threads computing in parallel pass the interpreter lock between cores at every statement, which
    costs a fifth more time.
    """
    turn = Lock()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        mine = turn.acquire(timeout=PATIENCE)
        try:
            return app(environ, start)
        finally:
            if mine:
                turn.release()

    return answer
