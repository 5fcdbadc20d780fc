"""Members who read, search and write for a minute: `python -m bench.members` prints JSON lines.

{"deployment", "circles", "members", "requests", "p50_ms", "p95_ms", "p99_ms", "errors",
"refused", "silent", "replies", "memory_mb", "server_mb"}

deployment: SQLite on one host of two web processes, or two hosts of one each behind HAProxy, over
PostgreSQL and Redis. Each member of the first circles opens a page every EVERY seconds, at moments
of chance: a thread, home, a circle, a search; one in ten writes a reply. Then the forum grows
around them. errors: answers of 500 and more; refused: of 400 and more, such as a reply under
another name than a hidden presenter's; silent: none came. memory_mb: web and worker of all hosts,
shared parts counted once; server_mb: of PostgreSQL. --docs draws the plot; --growth names other
numbers of circles; --members other numbers of members.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import UUID

import flask
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from bench import clusters, plots
from bench.server import HERE, Server, free_port
from bench.writers import Tally, Writer
from config import Config, engine_options
from forum import create_app
from forum.accounts import sessions
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.discussions.models import Thread
from forum.policy.terms import AuthorMode
from forum.search.services import build
from forum.seeding import people, talk

MEMBERS, GROWTH = (50, 200), (20, 200, 2000)
IN_A_CIRCLE, THREADS, REPLIES = 10, 5, 40  # of each circle in which members ask
EVERY, LASTS = 10, 60  # seconds between two pages of a member, and in all
WARM = 5  # seconds of the same before it counts
WORDS = ("morning", "letter", "daughter", "tired", "clinic", "afraid")
ACTS = {"thread": 9, "home": 4, "circle": 3, "search": 2, "reply": 2}
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute


@dataclass(frozen=True, slots=True)
class Seat:
    """A member as they ask: cookies of their session, the name they write under, and paths."""

    cookies: dict[str, str]
    mode: AuthorMode
    circle: str
    thread: str


class Member(Writer):
    """Somebody who asks for one page at each of their moments."""

    def __init__(self, port: int, number: int, seat: Seat, tally: Tally, acts: list[Any]) -> None:
        super().__init__(port, number, ("", ""), seat.thread, tally)
        self._cookies, self._seat, self._acts = dict(seat.cookies), seat, acts
        self.mode = seat.mode

    def run(self) -> None:
        """Do each act at its moment, or as soon as the one before is done."""
        for moment, act, word in self._acts:
            time.sleep(max(0.0, moment - time.monotonic()))
            try:
                self._do(act, word)
            except OSError:
                self._tally.silent += 1

    def _do(self, act: str, word: str) -> None:
        if act == "reply":
            self._write()
            return
        paths = {"thread": self._seat.thread, "home": "/", "circle": self._seat.circle}
        _, to, _ = self.ask("GET", paths.get(act, f"/search?q={quote(word)}"))
        if to:
            self.ask("GET", to)


class Deployment:
    """A forum as it is served. hosts: one over SQLite, or two over PostgreSQL."""

    def __init__(self, folder: Path, name: str, hosts: int) -> None:
        self.name, self._folder = name, folder
        folder.mkdir()
        folder.chmod(0o755)  # PostgreSQL's own user passes through
        self.server = clusters.Postgres(folder / "postgres") if hosts > 1 else None
        self._redis = clusters.redis(folder / "redis", free_port()) if hosts > 1 else None
        self.port = free_port()
        settings, processes = self._settings(), 1 if hosts > 1 else 2
        self.hosts = [clusters.Host(folder / f"host{n}", settings, processes) for n in range(hosts)]
        self._proxy = clusters.proxy(folder, self.port, self.hosts)
        self._chance = Random(60)  # noqa: S311  # nothing drawn is a secret
        self.circles = 0
        self.seats: list[Seat] = []
        self.app = self._app()
        with self.app.app_context():
            upgrade()
        for host in self.hosts[1:]:
            self.hosts[0].carry_roots_to(host)

    def _settings(self) -> dict[str, str]:
        known = {"SITE_URL": f"http://127.0.0.1:{self.port}", "TRUSTED_PROXIES": "1"}
        known |= {"SECOND_FACTOR_GRACE": "30", "RATELIMIT_ENABLED": ""}
        if self.server and self._redis:
            port = self._redis.words[self._redis.words.index("--port") + 1]
            known["DATABASE_URL"] = self.server.address("forum")
            known["KEYS_URL"] = self.server.address("keys")
            known["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        return known

    def _app(self) -> Flask:
        """The first host's application, in this process, as a command is."""
        config: Any = Config(self.hosts[0].folder / "instance")
        if self.server:
            config.SQLALCHEMY_DATABASE_URI = self.server.address("forum")
            config.SQLALCHEMY_ENGINE_OPTIONS = engine_options(has_pooler=False)
            config.KEYS_URL = config.LOCKS_URL = self.server.address("keys")
        return create_app(config)

    def fill(self, circles: int) -> None:
        """Grow to so many circles; members ask in the first of them alone."""
        with self.app.app_context():
            if not self.circles:
                here = self._talk(circles, IN_A_CIRCLE * circles, THREADS, REPLIES)
                self.seats = [
                    Seat(_cookies(self.app, person), person.mode, *_paths(company.circle_id))
                    for company in here
                    for person in company.people
                ]
            else:
                self._talk(circles - self.circles, 2 * (circles - self.circles), 1, 2)
            self.circles = circles
            db.session.remove()

    def _talk(self, circles: int, members: int, threads: int, replies: int) -> list[people.Company]:
        companies = people.gather(circles, members, PASSWORD, self._chance)
        span = timedelta(days=200)
        of_all = threads * circles, replies * circles
        talk.hold(companies, *of_all, span, self._chance, lambda: None)
        for company in companies:
            build(company.circle_id)
        return companies

    def start(self) -> None:
        """Serve, and wait until all answer."""
        for program in (self._redis, *self.hosts, self._proxy):
            if program:
                program.start()
        for port in (*(host.port for host in self.hosts), self.port):
            clusters.wait_for(port)

    def asked(self, members: int, lasts: float = LASTS) -> dict[str, Any]:
        """Figures of so many members at once."""
        step = max(1, len(self.seats) // members)
        seats = self.seats[::step][:members]
        self._ask(seats, WARM, Tally())
        tally = self._ask(seats, lasts, Tally())
        rest = quantiles(tally.times, n=100)
        marks = {f"p{each}_ms": round(rest[each - 1] * 1000, 1) for each in (50, 95, 99)}
        server = Server(self.server.pid(), 0).memory_mb() if self.server else 0.0
        return {
            "deployment": self.name,
            "circles": self.circles,
            "members": len(seats),
            "requests": len(tally.times),
            **marks,
            "errors": sum(many for status, many in tally.statuses.items() if status >= 500),
            "refused": sum(many for status, many in tally.statuses.items() if 400 <= status < 500),
            "silent": tally.silent,
            "replies": len(tally.acknowledged),
            "memory_mb": round(sum(host.memory_mb() for host in self.hosts)),
            "server_mb": round(server),
        }

    def _ask(self, seats: list[Seat], lasts: float, tally: Tally) -> Tally:
        begins, chance = time.monotonic() + 0.5, self._chance
        asking: list[threading.Thread] = []
        for number, seat in enumerate(seats):
            first, acts = chance.uniform(0, EVERY), []
            for turn in range(int(lasts // EVERY) + 1):
                [act] = chance.choices([*ACTS], [*ACTS.values()])
                moment = first + turn * EVERY
                if moment <= lasts:
                    acts.append((begins + moment, act, chance.choice(WORDS)))
            asking.append(Member(self.port, number, seat, tally, acts))
        for each in asking:
            each.start()
        for each in asking:
            each.join()
        return tally

    def end(self) -> None:
        """End everything that was begun."""
        for program in (self._proxy, *self.hosts, self._redis):
            if program:
                program.stop()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
            if key_ring().store.is_shared:
                key_ring().store.close()
        if self.server:
            self.server.stop("immediate")


def main() -> None:
    """Measure, print, and with --docs draw."""
    parser = argparse.ArgumentParser(description="Members who read, search and write.")
    parser.add_argument("--members", type=int, nargs="+", default=MEMBERS)
    parser.add_argument("--growth", type=int, nargs="+", default=GROWTH)
    parser.add_argument("--docs", action="store_true", help="draw the plot")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103  # nosec B103  # the server runs as a user of its own
        rows = [*measured(Path(folder), asked.members, asked.growth)]
    if asked.docs:
        _draw(rows, max(asked.members), asked.growth)


def measured(
    folder: Path, members: list[int], growth: list[int], lasts: float = LASTS
) -> Iterator[dict[str, Any]]:
    """Figures of each deployment, number of circles and number of members; printed as they come."""
    deployments = {"SQLite": 1} | ({"two hosts": 2} if clusters.is_here() else {})
    for name, hosts in deployments.items():
        forum = Deployment(folder / name.replace(" ", "-"), name, hosts)
        try:
            forum.fill(growth[0])
            forum.start()
            for circles in growth:
                if circles > forum.circles:
                    forum.fill(circles)
                for many in members:
                    row = forum.asked(many, lasts)
                    print(json.dumps(row), flush=True)
                    yield row
        finally:
            forum.end()


def _draw(rows: list[dict[str, Any]], members: int, growth: list[int]) -> None:
    drawn = {
        f"{name}, {mark}": [
            row[f"{mark}_ms"]
            for row in rows
            if (row["deployment"], row["members"]) == (name, members) and row["circles"] in growth
        ]
        for name in ("SQLite", "two hosts")
        for mark in ("p50", "p95")
    }
    path = HERE / "docs" / "benchmarks" / "members.svg"
    title = f"A page for one of {members} members"
    plots.lines(path, title, "circles in the forum", growth, drawn)


def _paths(circle_id: UUID) -> tuple[str, str]:
    """Paths of a circle, and of its oldest thread."""
    oldest = select(Thread.id).where(Thread.circle_id == circle_id).order_by(Thread.appears_at)
    here = f"/circles/{circle_id}"
    return f"{here}/", f"{here}/threads/{db.session.scalars(oldest.limit(1)).one()}"


def _cookies(app: Flask, person: people.Person) -> dict[str, str]:
    """Cookies of a session begun for somebody."""
    with app.test_request_context():
        with unit_of_work():
            sessions.begin(person.id, own_device=True)
        kept = dict(flask.session)
    client, now = app.test_client(), int(time.time())
    with client.session_transaction() as session:
        session |= kept | {"busy": now, "given_at": now}
    cookie = client.get_cookie("s")
    if cookie is None:
        raise RuntimeError("a session without a cookie")
    return {"s": cookie.value}


if __name__ == "__main__":
    sys.exit(main())
