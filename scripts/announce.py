#!/usr/bin/env python3
"""Print that the forum answers, once it does: `scripts/announce.py`, beside a starting server.

Reads SITE_URL, BIND and PORT. Ends with the process that started it.
"""

import os
import sys
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException

PATIENCE = 60.0  # seconds until it says that nothing answers yet
PAUSE = 0.25  # seconds between two tries
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  # nosec B104  # compared with, never bound


def main() -> None:
    """Wait for /healthz, then print the address."""
    bind, port = os.environ.get("BIND", "127.0.0.1").strip("[]"), int(os.environ["PORT"])
    host = "127.0.0.1" if bind in ANYWHERE else bind
    parent, late = os.getppid(), time.monotonic() + PATIENCE
    while os.getppid() == parent:
        if answers(host, port):
            print(f"The forum answers at {os.environ['SITE_URL']}. Ctrl-C ends it.", flush=True)
            return
        if time.monotonic() > late:
            said = f"Nothing answers at {host}, port {port}, yet; still waiting."
            print(said, file=sys.stderr, flush=True)
            late += PATIENCE
        time.sleep(PAUSE)


def answers(host: str, port: int) -> bool:
    """Whether the health check says ok."""
    try:
        with closing(HTTPConnection(host, port, timeout=5)) as connection:
            names = {"Host": "localhost"}  # a name that every forum answers to
            connection.request("GET", "/healthz", headers=names)
            return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    main()
