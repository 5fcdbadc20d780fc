"""Load on a whole server: `python -m bench.load` prints a JSON object.

{"processes", "one_rps", "all_rps", "gain": pages a second of as many processes as cores over those
of one, "ordinary": {"requests", "p50_ms", "p95_ms", "rss_mb"}: 200 members at ordinary use,
"while_writing": {"p95_ms"}: a page, while another process holds the write lock}

Each round asks one process, then all, since the machine may be busy; the gain is of the best.
Ordinary use: each of 200 members opens a page every 30 seconds, at moments of chance.
"""

import json
import os
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory

from flask_migrate import upgrade

from bench.browser import Browser, hurry
from bench.pages import PASSWORD, filled
from bench.server import Server, free_port, running
from config import Config
from forum import create_app
from forum.seeding.people import Person

ROUNDS, REQUESTS, CONNECTIONS = 4, 300, 8
MEMBERS, EVERY, LASTS = 200, 30, 60  # members, seconds between pages of each, seconds in all


def main() -> None:
    """Print all figures."""
    with TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder))))


def measured(folder: Path) -> dict[str, object]:
    """All figures."""
    app = create_app(Config(folder / "instance"))
    with app.app_context():
        upgrade()
        person, circle_id, thread_id = filled()
    here = f"/circles/{circle_id}"
    paths = ("/", f"{here}/", f"{here}/threads/{thread_id}")
    cores = len(os.sched_getaffinity(0))
    best = {1: 0.0, cores: 0.0}
    for _ in range(ROUNDS):
        for processes in best:
            best[processes] = max(best[processes], _rps(folder, person, paths[2], processes))
    ports = free_port()
    with running("wsgi:app", ports, **_settings(folder, ports)) as server:
        browser = _signed_in(ports, person)
        ordinary = _ordinary(server, browser, paths)
        writing = _while_writing(folder, server, browser, paths[2])
    return {
        "processes": cores,
        "one_rps": round(best[1], 1),
        "all_rps": round(best[cores], 1),
        "gain": round(best[cores] / best[1], 2),
        "ordinary": ordinary,
        "while_writing": writing,
    }


def _settings(folder: Path, port: int, **more: str) -> dict[str, str]:
    known = {"FORUM_INSTANCE": str(folder / "instance"), "SITE_URL": f"http://127.0.0.1:{port}"}
    return known | more


def _signed_in(port: int, person: Person) -> Browser:
    browser = Browser(f"http://127.0.0.1:{port}")
    browser.sign_in(person.address, PASSWORD)
    return browser


def _rps(folder: Path, person: Person, path: str, processes: int) -> float:
    port = free_port()
    with running("wsgi:app", port, **_settings(folder, port, WEB_WORKERS=str(processes))):
        browser = _signed_in(port, person)
        hurry(port, path, browser.cookies, REQUESTS // 3, CONNECTIONS)
        return REQUESTS / hurry(port, path, browser.cookies, REQUESTS, CONNECTIONS)


def _ordinary(server: Server, browser: Browser, paths: tuple[str, ...]) -> dict[str, float]:
    chance = Random(20)  # noqa: S311  # nothing drawn is a secret
    times = sorted(chance.uniform(0, LASTS) for _ in range(MEMBERS * LASTS // EVERY))
    begun = time.monotonic()

    def ask(moment: float, path: str) -> float:
        time.sleep(max(0, begun + moment - time.monotonic()))
        return hurry(server.port, path, browser.cookies, 1, 1) * 1000

    with ThreadPoolExecutor(16) as pool:
        took = [*pool.map(ask, times, [chance.choice(paths) for _ in times])]
    rest = quantiles(took, n=20)
    sizes = {"requests": len(took), "rss_mb": round(server.memory_mb())}
    return sizes | {"p50_ms": round(rest[9], 1), "p95_ms": round(rest[18], 1)}


def _while_writing(folder: Path, server: Server, browser: Browser, path: str) -> dict[str, float]:
    with closing(sqlite3.connect(folder / "instance" / "forum.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        took = [hurry(server.port, path, browser.cookies, 1, 1) * 1000 for _ in range(40)]
        other.execute("ROLLBACK")
    return {"p95_ms": round(quantiles(took, n=20)[18], 1)}


if __name__ == "__main__":
    sys.exit(main())
