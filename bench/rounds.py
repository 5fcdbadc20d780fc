"""Cost of the worker's minute beside open rounds: `python -m bench.rounds` prints a JSON object.

{"rounds", "circles", "quiet_s", "quiet_cpu_s", "quiet_statements", "slot_s", "slot_cpu_s",
 "slot_statements"}

Every thread is in a round. quiet: a minute in which nothing is due; slot: the minute after a slot,
the hour at which phases of all rounds end.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import event

from config import TestConfig
from forum import create_app, worker
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles import services
from forum.circles.queries import enter
from forum.core.db import db, unit_of_work
from forum.core.planner_statistics import create_tables
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import Reflection
from forum.policy.terms import AuthorMode, Role

ROUNDS, IN_A_CIRCLE = 10_000, 100
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MORNING = datetime(2026, 3, 6, 7, 0, 30, tzinfo=UTC)  # at which the first phases end
MINUTE = timedelta(minutes=1)


def main() -> None:
    """Measure, and print a JSON object."""
    with TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), ROUNDS)))


def measured(folder: Path, rounds: int) -> dict[str, float]:
    """All figures, for so many open rounds in circles of a hundred each."""
    clock = [NOON]
    app = create_app(TestConfig(folder / "instance"), clock=lambda: clock[0])
    with app.app_context():
        create_tables()
        circles = max(1, rounds // IN_A_CIRCLE)
        for place in range(circles):
            _fill(place, rounds // circles)
        worker.run_due_jobs()
        figures: dict[str, float] = {"rounds": rounds, "circles": circles}
        for name, moment in (("quiet", NOON + MINUTE), ("slot", MORNING)):
            clock[0] = moment - MINUTE
            worker.run_due_jobs()
            clock[0] = moment
            with _counted() as statements:
                wall, cpu = perf_counter(), process_time()
                worker.run_due_jobs()
                figures[f"{name}_s"] = round(perf_counter() - wall, 2)
                figures[f"{name}_cpu_s"] = round(process_time() - cpu, 2)
            figures[f"{name}_statements"] = len(statements)
    return figures


def _fill(place: int, threads: int) -> None:
    """A circle whose member told so many reflections, Questions first."""
    with unit_of_work():
        member_id = register(f"m{place}@example.org", f"Dr M{place}", "no password").id
    with unit_of_work():
        circle = services.found(f"Circle {place}")
        services.join(circle, member_id, f"Dr M{place}", Role.MODERATOR)
        circle_id = circle.id
    with unit_of_work():
        choose_own_name(enter(member_id, circle_id))
    standing = enter(member_id, circle_id)
    with unit_of_work():
        for _ in range(threads):
            told = Reflection(
                "A visit", {"story": "Words."}, mode=AuthorMode.OWN_NAME, talk="questions_first"
            )
            posts.present(standing, new_id(), told)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Statements run meanwhile."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


if __name__ == "__main__":
    main()
