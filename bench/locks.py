"""Write lock, and how long it is held: `python -m bench.locks [SECONDS]` prints one JSON object.

{"seconds", "writes", "reads", "held_ms": {"median", "p95", "max"}, "over_250_ms",
 "slowest_read_ms", "failed"}

Ten people post and ten read, to gunicorn on this machine, for SECONDS (60). A hold begins when a
transaction has the lock and ends when its commit is on the disk.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, perf_counter

from flask_migrate import upgrade

from bench.browser import Browser, Form
from bench.server import free_port, running
from config import Config
from forum import create_app
from forum.seeding import people, talk

WRITERS = READERS = 10
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute
LONG_HOLD = 0.25  # seconds
TEXT = "It was a long morning, and then there was this. " * 20


def main() -> None:
    """Measure, and print one JSON object."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), seconds)))


def measured(folder: Path, seconds: float) -> dict[str, object]:
    """All figures of one run."""
    port, times = free_port(), folder / "times"
    settings = {
        "FORUM_INSTANCE": str(folder / "instance"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BENCH_LOCK_TIMES": str(times),
    }
    app = create_app(Config(folder / "instance"))
    with app.app_context():
        upgrade()
        company, thread = _filled()
    with running("bench.timed_locks:app", port, WEB_WORKERS="1", **settings):
        browsers = [Browser(settings["SITE_URL"]) for _ in range(WRITERS + READERS)]
        for browser, person in zip(browsers, company.people * 2, strict=False):
            browser.sign_in(person.address, PASSWORD)
        results = _run(browsers, thread, seconds)
    held = sorted(map(float, times.read_text().split()))
    return results | {
        "seconds": seconds,
        "held_ms": {
            "median": _ms(held[len(held) // 2]),
            "p95": _ms(held[int(len(held) * 0.95)]),
            "max": _ms(held[-1]),
        },
        "over_250_ms": sum(each > LONG_HOLD for each in held),
    }


def _filled() -> tuple[people.Company, str]:
    chance = Random(13)  # noqa: S311  # nothing drawn is a secret
    companies = people.gather(1, 12, PASSWORD, chance)
    talk.hold(companies, 10, 60, timedelta(days=30), chance, lambda: None)
    return companies[0], f"/circles/{companies[0].circle_id}/"


def _run(browsers: list[Browser], circle: str, seconds: float) -> dict[str, object]:
    stop = monotonic() + seconds
    counts = {"writes": 0, "reads": 0, "failed": 0}
    reads: list[float] = []

    def go_on(act: Callable[[], None], name: str) -> Callable[[], None]:
        def until_stopped() -> None:
            while monotonic() < stop:
                try:
                    act()
                    counts[name] += 1
                except (OSError, RuntimeError):
                    counts["failed"] += 1

        return until_stopped

    page, _ = browsers[0].get(circle)
    thread = page.decode().partition("/threads/")[2].partition('"')[0]
    address = f"{circle}threads/{thread}"

    def reads_page(browser: Browser) -> Callable[[], None]:
        def act() -> None:
            begun = perf_counter()
            browser.get(address)
            reads.append(perf_counter() - begun)

        return act

    acts = [go_on(lambda b=b: _post(b, address), "writes") for b in browsers[:WRITERS]]  # type: ignore[misc]
    acts += [go_on(reads_page(b), "reads") for b in browsers[WRITERS:]]
    threads = [Thread(target=act) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return counts | {"slowest_read_ms": _ms(max(reads))}


def _post(browser: Browser, address: str) -> None:
    page, composer = browser.get(f"{address}/answer")
    name = page.decode().partition('name="do" value="')[2].partition('"')[0]
    browser.post(composer, Form(page.decode()).values | {"body": TEXT, "do": name})


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


if __name__ == "__main__":
    main()
