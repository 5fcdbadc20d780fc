"""How gunicorn serves the forum; the address and the number of workers come from outside."""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from config import from_environment
from forum.core.instance_lock import NotNow, settle, share

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Limits are counted in the memory of one process, unless Redis counts for several.
workers = int(os.environ.get("WEB_WORKERS", "2" if os.environ.get("REDIS_URL") else "1"))
worker_class = "gthread"
threads = 4 // workers  # more would only wait for one another: pages are computed, not fetched
limit_request_line = 8190  # a sealed query stands in the address
loglevel = "error"  # a warning names the address that a bad request came from
control_socket_disable = True

PATIENCE = 0.25  # seconds: a page that waits for a disk must not hold up all others


def on_starting(server: Any) -> None:
    """Say that this forum is served, until the last process of this server ends."""
    try:
        share(from_environment().INSTANCE)
    except NotNow as error:
        raise SystemExit(str(error)) from None


def post_worker_init(worker: Any) -> None:
    """What a process does once the forum is loaded."""
    settle()
    worker.wsgi = one_at_a_time(worker.wsgi)


def one_at_a_time(app: Application) -> Application:
    """Compute one page after another; threads are for requests that come and answers that go.

    Threads that compute at once hand the interpreter to each other at every statement, from core
    to core: for the same pages that takes a fifth more time.
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
