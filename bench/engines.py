"""CPU of the same pages on SQLite and PostgreSQL: `python -m bench.engines` prints a JSON object.

{"sqlite": {"forum_ms"}, "postgresql": {"forum_ms", "server_ms"}, "ratio": of all to SQLite}

Home and a thread of POSTS posts by turns, in this process, as one member whose session is known.
On PostgreSQL circle keys lie there too. Each figure is milliseconds of CPU a page, the calmest of
ROUNDS rounds taken by turns, since the machine may be busy; server_ms is what the server's own
processes took meanwhile.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time, time

import flask
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from bench.clusters import Postgres, is_here
from bench.server import Server
from config import TestConfig, engine_options
from forum import create_app
from forum.accounts import sessions
from forum.core.db import unit_of_work
from forum.seeding import people, talk

POSTS, CIRCLES = 12, 3
ROUNDS, PAGES = 6, 100
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute


class Filled:
    """An installation with three circles, and a signed-in browser. server: where on PostgreSQL."""

    def __init__(self, folder: Path, server: Postgres | None = None) -> None:
        self.server, config = server, TestConfig(folder / "instance")
        if server:
            config.SQLALCHEMY_DATABASE_URI = server.address("forum")
            config.SQLALCHEMY_ENGINE_OPTIONS = engine_options(has_pooler=False)
            config.KEYS_URL = config.LOCKS_URL = server.address("keys")
        self.app = create_app(config)
        with self.app.app_context():
            upgrade()
            chance, span = Random(50), timedelta(days=60)  # noqa: S311  # no secret
            companies = people.gather(CIRCLES, 8 * CIRCLES, PASSWORD, chance)
            talk.hold(companies, 5 * CIRCLES, 5 * CIRCLES * POSTS, span, chance, lambda: None)
        here = companies[0]
        self.browser = _signed_in(self.app, here.people[1])
        threads = self.browser.get(f"/circles/{here.circle_id}/").text
        thread = next(part for part in threads.split('"') if "/threads/" in part)
        self.pages = ("/", thread.partition("#")[0].partition("?")[0])

    def round(self) -> tuple[float, float]:
        """CPU milliseconds a page: of this process, and of the server's."""
        before, ours = self.server_cpu(), process_time()
        for number in range(PAGES):
            answer = self.browser.get(self.pages[number % 2])
            if answer.status_code != 200:
                raise RuntimeError(f"a page answered {answer.status_code}")
        spent = process_time() - ours
        return 1000 * spent / PAGES, 1000 * (self.server_cpu() - before) / PAGES

    def server_cpu(self) -> float:
        """Seconds of CPU that the server's processes have taken."""
        return Server(self.server.pid(), self.server.port).cpu() if self.server else 0.0


def main() -> None:
    """Measure, and print a JSON object."""
    if not is_here():
        sys.exit("PostgreSQL is not installed here.")
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103  # nosec B103  # the server runs as a user of its own
        server = Postgres(Path(folder) / "server")
        try:
            print(json.dumps(measured(Path(folder), server)))
        finally:
            server.stop()


def measured(folder: Path, server: Postgres) -> dict[str, object]:
    """All figures."""
    both = {"sqlite": Filled(folder / "1"), "postgresql": Filled(folder / "2", server)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in both}
    for number in range(ROUNDS + 1):
        for name, each in both.items():
            spent = each.round()
            taken[name] += [spent] if number else []  # the first warms up
    best = {
        name: [min(each) for each in zip(*rounds, strict=True)] for name, rounds in taken.items()
    }
    figures: dict[str, object] = {
        "sqlite": {"forum_ms": round(best["sqlite"][0], 2)},
        "postgresql": dict(
            zip(
                ("forum_ms", "server_ms"),
                (round(each, 2) for each in best["postgresql"]),
                strict=True,
            )
        ),
    }
    return figures | {"ratio": round(sum(best["postgresql"]) / best["sqlite"][0], 2)}


def _signed_in(app: Flask, person: people.Person) -> FlaskClient:
    with app.test_request_context():
        with unit_of_work():
            sessions.begin(person.id, own_device=True)
        kept = dict(flask.session)
    client, now = app.test_client(), int(time())
    with client.session_transaction() as session:
        session |= kept | {"busy": now, "given_at": now}
    return client


if __name__ == "__main__":
    main()
