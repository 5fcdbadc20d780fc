"""Throw-away servers on loopback: PostgreSQL, Redis, HAProxy, and hosts of the forum."""

import os
import pwd
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy, which
from urllib.request import ProxyHandler, build_opener

from bench.server import HERE, Server, free_port

PATIENCE = 60  # seconds until a server must answer
PROXY = """
global
  maxconn 400
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option redispatch
  retries 3
  retry-on conn-failure
frontend all
  bind 127.0.0.1:{port}
  default_backend hosts
backend hosts
  balance roundrobin
  option httpchk GET /healthz
  timeout check 5s
  default-server check inter 500ms fall 1 rise 1
{servers}
"""


def is_here() -> bool:
    """True where all servers are installed: apt-get install postgresql redis-server haproxy."""
    return bool(_postgres() and which("redis-server") and which("haproxy"))


def _postgres() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Postgres:
    """A server of PostgreSQL in a folder; restarts keep its port."""

    def __init__(self, folder: Path) -> None:
        self._home, self._folder, self.port = _postgres(), folder, free_port()
        self._owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        folder.mkdir()
        if self._owner:
            os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)
        words = ("-U", "forum", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._run("initdb", "-D", str(folder / "data"), *words)
        self.start()
        for name in ("forum", "keys"):
            self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "forum", name)

    def address(self, name: str) -> str:
        """Address of one of its two databases, forum and keys."""
        return f"postgresql+psycopg://forum@127.0.0.1:{self.port}/{name}"

    def pid(self) -> int:
        """Process id of the server, whose children serve a connection each."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Begin, and wait until it answers."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1"
        options += " -c max_connections=200 -c synchronous_commit=on"
        log = str(self._folder / "log")
        self._run(
            "pg_ctl", "-D", str(self._folder / "data"), "-w", "-l", log, "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """End it: in the middle of everything for "immediate"."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", mode, "stop")

    def _run(self, program: str, *words: str) -> None:
        owner = {"user": self._owner.pw_uid, "group": self._owner.pw_gid} if self._owner else {}
        path = self._home / program if self._home else program
        subprocess.run(  # noqa: S603  # words of our own
            [path, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            **owner,  # type: ignore[call-overload]  # numbers of a user
        )


@dataclass
class Program:
    """A program in a session of its own, ended with all its children."""

    words: list[str]
    settings: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Begin; what it says goes into the log."""
        with open(self.log or os.devnull, "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # words of our own
                self.words,
                cwd=HERE,
                env=os.environ | self.settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it: SIGKILL as a machine that loses power."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
        self.process = None


class Host:
    """Web and worker of one host, in a folder of its own. processes: of its web server."""

    def __init__(self, folder: Path, settings: dict[str, str], processes: int = 1) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "instance").mkdir(parents=True, mode=0o700)
        known = settings | {
            "FORUM_INSTANCE": str(folder / "instance"),
            "PORT": str(self.port),
            "WEB_WORKERS": str(processes),
        }
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.py", "wsgi:app"]
        flask = [sys.executable, "-m", "flask", "forum", "worker"]
        self._programs = [
            Program(gunicorn, known, folder / "web.log"),
            Program(flask, known, folder / "worker.log"),
        ]

    def start(self) -> None:
        """Begin web and worker."""
        for program in self._programs:
            program.start()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End both."""
        for program in self._programs:
            program.stop(number)

    def carry_roots_to(self, other: "Host") -> None:
        """Copy the root keys to another host, as an operator does."""
        for path in (self.folder / "instance").glob("root*.key"):
            (other.folder / "instance" / path.name).unlink(missing_ok=True)
            copy(path, other.folder / "instance" / path.name)

    def memory_mb(self) -> float:
        """Megabytes of its processes, shared parts counted once."""
        begun = [each.process for each in self._programs if each.process]
        return sum(Server(each.pid, self.port).memory_mb() for each in begun)

    def log(self) -> str:
        """Lines that both wrote."""
        paths = (each.log for each in self._programs)
        return "".join(path.read_text() for path in paths if path and path.exists())


def redis(folder: Path, port: int) -> Program:
    """A Redis that writes nothing to a disk."""
    folder.mkdir()
    words = ["redis-server", "--bind", "127.0.0.1", "--port", str(port)]
    return Program([*words, "--save", "", "--appendonly", "no", "--dir", str(folder)])


def proxy(folder: Path, port: int, hosts: list[Host]) -> Program:
    """HAProxy before the hosts, asked for /healthz, with five seconds to answer."""
    servers = "\n".join(f"  server h{n} 127.0.0.1:{h.port}" for n, h in enumerate(hosts))
    path = folder / "haproxy.cfg"
    path.write_text(PROXY.format(port=port, servers=servers))
    return Program(["haproxy", "-q", "-f", str(path)], log=folder / "haproxy.log")


def wait_for(port: int, path: str = "/healthz") -> None:
    """Wait until a page is answered. Raises RuntimeError."""
    opener, end = build_opener(ProxyHandler({})), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), opener.open(f"http://127.0.0.1:{port}{path}", timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"Nothing answers at port {port}.")
