"""Ports of servers that a test begins."""

import socket
import time

PATIENCE = 10  # seconds


def wait_for_port(port):
    """Wait until somebody listens. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nobody listens at port {port}")
