"""Run a throw-away forum with invented circles, deleted at the end.

Prints DEMO_URL=… and a DEMO_SIGN_IN line for each of several members once pages respond.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

HERE = Path(__file__).parents[1]
BIN = HERE / ".venv" / "bin" if (HERE / ".venv").exists() else Path(sys.executable).parent
PATIENCE = 60  # seconds until pages must respond
OURS = ("FORUM_", "MAIL_", "SITE_", "DATABASE_", "REDIS_", "ROOT_", "BIND", "OPERATOR")
SIZES = ("--circles=3", "--members=24", "--threads=36", "--replies=150", "--rounds=21", "--pairs")
DRAW = os.environ.get("DEMO_DRAW", "")  # a seed for a reproducible forum


def main() -> int:
    """Seed, serve and clean up; returns the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with TemporaryDirectory(prefix="forum-demo-") as folder:
        here = _settings(Path(folder))
        try:
            return _serve(here)
        except KeyboardInterrupt:
            return 0


def _stop(number: int, _frame: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # ignore repeated signals while cleaning up
    raise KeyboardInterrupt(number)


def _settings(folder: Path) -> dict[str, str]:
    """The demo's environment, without settings of a real forum."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    port = os.environ.get("PORT", "8000")
    return kept | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PORT": port,
        "FORUM_INSTANCE": str(folder / "instance"),
        "SITE_URL": f"http://127.0.0.1:{port}",
    }


def _serve(here: dict[str, str]) -> int:
    if _is_taken(int(here["PORT"])):
        print("That port is in use. Choose another: make demo PORT=8123", file=sys.stderr)
        return 1
    print(
        ("Creating a demo forum with made-up people. This takes about a minute."),
        file=sys.stderr,
        flush=True,
    )
    with _running(here, "flask", "db", "upgrade") as upgrade:
        if upgrade.wait():
            return 1
    drawn = ("--draw", DRAW) if DRAW else ()
    with _running(here, "flask", "forum", "seed", "--demo", *SIZES, *drawn, stdout=-1) as seed:
        sign_ins, _ = seed.communicate()
        if seed.returncode:
            return 1
    with _running(here, "honcho", "--env", os.devnull, "start") as server:
        if not _answers(f"{here['SITE_URL']}/healthz", server):
            print("The forum did not start.", file=sys.stderr)
            return 1
        print(f"DEMO_URL={here['SITE_URL']}", sign_ins.strip(), sep="\n", flush=True)
        return server.wait()


def _is_taken(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


@contextmanager
def _running(
    here: dict[str, str], *words: str, stdout: int | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """A process in a new session, ended with all its children when the block ends."""
    process = subprocess.Popen(  # noqa: S603  # words of our own
        words, cwd=HERE, env=here, stdout=stdout, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(10)
        finally:
            _end_group(process.pid)


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _answers(url: str, server: "subprocess.Popen[str]") -> bool:
    """Whether the page responds within PATIENCE."""
    opener, end = build_opener(ProxyHandler({})), time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with opener.open(url, timeout=5) as answer:  # an address of this machine
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main())
