"""Three hosts behind HAProxy on this machine, while everything they stand on fails.

Prints a line of JSON: texts acknowledged and lost, there twice, answers of 500, and texts of a
destroyed circle shown by any host afterwards. Uses loopback alone, and ends what it began. Settings
of the environment: MANY_WRITERS (50), MANY_SECONDS (60).
"""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from shutil import rmtree
from statistics import quantiles
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask import Flask
from flask_migrate import upgrade

from bench import clusters
from bench.server import free_port
from bench.writers import Tally, Writer
from config import Config
from forum import create_app
from forum.accounts.factor_policy import INVENTED
from forum.accounts.passwords import hashed
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles import services
from forum.circles.queries import enter
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import Reflection
from forum.discussions.models import Reply
from forum.operations import rotation
from forum.policy.terms import AuthorMode, Role

WRITERS = int(os.environ.get("MANY_WRITERS", "50"))
SECONDS = int(os.environ.get("MANY_SECONDS", "60"))
IN_A_CIRCLE = 5
FAILED = re.compile(r"ERROR in \w+: (.* failed with \w+)")
PASSWORD = "a long evening in March"  # noqa: S105  # of people who are not there
SECRET = "ptarmigan"  # noqa: S105  # a word told in the circle that is destroyed


def main() -> int:
    """Run the trial; the exit status is 0 where nothing was lost."""
    if not clusters.is_here():
        print("not run: apt-get install postgresql redis-server haproxy")
        return 0
    folder = Path(mkdtemp(prefix="forum-many-"))
    folder.chmod(0o755)  # PostgreSQL's own user passes through
    print(f"Everything lies in {folder}.", file=sys.stderr, flush=True)
    trial = Trial(folder)
    try:
        found = trial.run()
    finally:
        trial.end()
    print(json.dumps(found))
    keys = ("lost", "twice", "answers_500", "shown_after_destroying")
    is_bad = any(found[key] for key in keys)
    if not is_bad:
        rmtree(folder)
    return int(is_bad)


class Trial:
    """Servers, hosts and writers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tally = folder, Tally()
        self.postgres = clusters.Postgres(folder / "postgres")
        self.redis_port, self.port = free_port(), free_port()
        self.redis = clusters.redis(folder / "redis", self.redis_port)
        self.redis.start()
        self.hosts = [clusters.Host(folder / f"host{n}", self._settings()) for n in range(3)]
        self.proxy = clusters.proxy(folder, self.port, self.hosts)
        self.writers: list[Writer] = []
        self.shown, self.stale = 0, 0
        self.app = self._app()

    def _settings(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.address("forum"),
            "KEYS_URL": self.postgres.address("keys"),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "TRUSTED_PROXIES": "1",
            "SECOND_FACTOR_GRACE": "30",
        }

    def _app(self) -> Flask:
        """The first host's application, in this process, as a command is."""
        config: Any = Config(self.hosts[0].folder / "instance")
        config.SQLALCHEMY_DATABASE_URI = self.postgres.address("forum")
        config.SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}
        config.KEYS_URL = config.LOCKS_URL = self.postgres.address("keys")
        return create_app(config)

    def run(self) -> dict[str, Any]:
        """Fill, write for SECONDS with one trouble after another, and count."""
        people, threads, doomed = self._fill()
        self._carry_roots()
        for host in self.hosts:
            host.start()
        self.proxy.start()
        for host in self.hosts:
            clusters.wait_for(host.port)
        clusters.wait_for(self.port)
        for number, who in enumerate(people):
            thread = threads[number // IN_A_CIRCLE % len(threads)]
            self.writers.append(Writer(self.port, number, who, thread, self.tally))
            self.writers[-1].start()
            time.sleep(0.1)
        self._trouble(doomed)
        for writer in self.writers:
            writer.stopped.set()
        for writer in self.writers:
            writer.join(60)
        return self._counted()

    def _fill(self) -> tuple[list[tuple[str, str]], list[str], tuple[UUID, str]]:
        """People, the thread of each circle, and the circle that will be destroyed."""
        people, threads = [], []
        with self.app.app_context():
            upgrade()
            password = hashed(PASSWORD)
            for number in range(WRITERS):
                with unit_of_work():
                    who = register(f"p{number}@example.org", f"Dr P{number}", password)
                    who.factor_asked = INVENTED
                    people.append((who.id, f"p{number}@example.org"))
            for start in range(0, WRITERS, IN_A_CIRCLE):
                ids = [who for who, _ in people[start : start + IN_A_CIRCLE]]
                threads.append(self._circle(ids, "A hard morning.")[1])
            doomed = self._circle([who for who, _ in people[:IN_A_CIRCLE]], f"A {SECRET}.")
        return [(address, PASSWORD) for _, address in people], threads, doomed

    def _circle(self, ids: list[UUID], story: str) -> tuple[UUID, str]:
        """A circle with a thread: its id, and the thread's path."""
        with unit_of_work():
            home = services.found("Rose")
            for number, who in enumerate(ids):
                role = Role.MEMBER if number else Role.MODERATOR
                services.join(home, who, f"Dr P{number}", role)
        for who in ids:
            with unit_of_work():
                choose_own_name(enter(who, home.id))
        told = Reflection("Torn between two", {"story": story}, mode=AuthorMode.OWN_NAME)
        with unit_of_work():
            thread = posts.present(enter(ids[0], home.id), new_id(), told).id
        return home.id, f"/circles/{home.id}/threads/{thread}"

    def _carry_roots(self) -> None:
        """Give the first host's root keys to the others."""
        for host in self.hosts[1:]:
            self.hosts[0].carry_roots_to(host)

    def _trouble(self, doomed: tuple[UUID, str]) -> None:
        troubles = (
            lambda: self._kill(0),
            self._restart_postgres,
            self._restart_redis,
            lambda: self._destroy(*doomed),
            lambda: self._kill(1),
            self._rotate,
            lambda: self._restart_postgres("immediate"),
        )
        each = SECONDS / (len(troubles) + 1)
        for trouble in troubles:
            time.sleep(each)
            trouble()
        time.sleep(each)

    def _say(self, words: str) -> None:
        print(f"{len(self.tally.acknowledged)} acknowledged; {words}", file=sys.stderr, flush=True)

    def _kill(self, number: int) -> None:
        self._say(f"host {number} loses power")
        self.hosts[number].stop(signal.SIGKILL)
        time.sleep(3)
        self.hosts[number].start()

    def _restart_postgres(self, mode: str = "fast") -> None:
        self._say(f"PostgreSQL restarts, {mode}")
        self.postgres.stop(mode)
        time.sleep(2)
        self.postgres.start()

    def _restart_redis(self) -> None:
        self._say("Redis restarts, and forgets")
        self.redis.stop(signal.SIGKILL)
        time.sleep(2)
        self.redis.start()

    def _destroy(self, circle_id: UUID, thread: str) -> None:
        """Destroy a circle's key here, and ask every host for its text at once."""
        self._say("a circle is destroyed, and another opened")
        reader = self.writers[0]
        before = [reader.ask("GET", thread, port=host.port)[2] for host in self._up()]
        if not any(SECRET in page for page in before):
            raise RuntimeError("The circle was not readable before it was destroyed.")
        with self.app.app_context():
            key_ring().destroy_circle(circle_id)
        for host in self._up():
            self.shown += SECRET in reader.ask("GET", thread, port=host.port)[2]

    def _up(self) -> list[clusters.Host]:
        for host in self.hosts:
            clusters.wait_for(host.port)
        return self.hosts

    def _rotate(self) -> None:
        """Change the keys; a host with the older root must serve nothing until it is given it."""
        self._say("keys are changed")
        for host in self.hosts:
            host.stop()
        with self.app.app_context():
            db.engine.dispose()
            rotation.rotate(lambda *_: None)
        self.hosts[2].start()
        stranger = Writer(self.hosts[2].port, 0, ("", ""), "", Tally())
        until = time.monotonic() + 30
        while time.monotonic() < until and not self.stale:
            try:
                self.stale = stranger.ask("GET", "/sign-in")[0]
            except OSError:
                time.sleep(0.2)
        self.hosts[2].stop()
        self._carry_roots()
        for host in self.hosts:
            host.start()

    def _counted(self) -> dict[str, Any]:
        with self.app.app_context():
            bodies = [post.body for post in db.session.query(Reply)]
        there = [word for body in bodies for word in body.rstrip(".").split() if "kestrel" in word]
        tally, rest = self.tally, quantiles(self.tally.times, n=100)
        logs = "".join(host.log() for host in self.hosts)
        return {
            "writers": WRITERS,
            "sent": len(tally.sent),
            "acknowledged": len(tally.acknowledged),
            "lost": len(tally.acknowledged - {*there}),
            "twice": len(there) - len({*there}),
            "answers": {str(status): n for status, n in sorted(tally.statuses.items())},
            "answers_500": sum(n for status, n in tally.statuses.items() if status == 500),
            "no_answer": tally.silent,
            "shown_after_destroying": self.shown,
            "older_roots_answer": self.stale,
            "p50_ms": round(rest[49] * 1000),
            "p95_ms": round(rest[94] * 1000),
            "failed_with": sorted(set(FAILED.findall(logs))),
        }

    def end(self) -> None:
        """End everything that was begun; the folder stays where something went wrong."""
        for program in (self.proxy, *self.hosts, self.redis):
            program.stop()
        with self.app.app_context():
            db.engine.dispose()
        self.postgres.stop("immediate")


if __name__ == "__main__":
    sys.exit(main())
