"""A throw-away server of Redis, where Debian's is installed."""

import shutil
import socket
import subprocess
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest

DATABASES = 100_000  # one for each world of a process


@contextmanager
def server():
    """Address of a server of its own, without the number of a database."""
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("not run: Redis is not here")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = f"--bind 127.0.0.1 --port {port} --databases {DATABASES} --appendonly no"
    with TemporaryDirectory(prefix="forum-redis-") as folder:
        running = subprocess.Popen(  # noqa: S603  # words of our own
            [program, *words.split(), "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()


def _wait_for(port):
    end = monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if monotonic() > end:
                raise
            sleep(0.02)
