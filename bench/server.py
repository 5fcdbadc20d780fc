"""gunicorn as configured for production, on a free port, and its CPU time."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")  # of the kernel's clock, a second


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU time used by its processes so far."""
        return sum(map(_cpu, [self.pid, *self.children()]))

    def children(self) -> list[int]:
        """Process ids of its web processes."""
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def memory_mb(self) -> float:
        """Megabytes of its processes, shared parts counted once."""
        return sum(map(_pss_mb, [self.pid, *self.children()]))


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(app: str, port: int, **settings: str) -> Iterator[Server]:
    """Serve `app` until the block ends."""
    words = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.py", app]
    with started(words, port, HERE, **settings) as server:
        yield server


@contextmanager
def started(words: list[str], port: int, folder: Path, **settings: str) -> Iterator[Server]:
    """Run a command that serves at $PORT, until the block ends."""
    known = os.environ | settings | {"PORT": str(port)}
    process = subprocess.Popen(words, cwd=folder, env=known)  # noqa: S603  # our commands
    try:
        _wait_for(port, process)
        yield Server(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn did not start.")


def _cpu(pid: int) -> float:
    """Seconds in user and system mode. Source: proc_pid_stat(5), fields 14 and 15."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _pss_mb(pid: int) -> float:
    """Proportional set size, smaps_rollup of proc(5)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
