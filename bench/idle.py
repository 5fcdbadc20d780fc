"""CPU of the worker's run over circles in which nothing happens: `python -m bench.idle [COUNT]`.

Prints a line of JSON with all seconds of a run, and the dearest jobs. The first run, which looks at
every index once, is told apart.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select

from bench.instance import Instance
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import Reflection
from forum.policy.terms import AuthorMode
from forum.search import services as search
from forum.worker import JOBS, run_due_jobs

COUNT = 10_000  # circles
PEOPLE = 8  # in each
BATCH = 500  # circles in a statement


def main() -> None:
    """Fill, run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with TemporaryDirectory() as folder:
        instance = Instance(Path(folder))
        with instance.app.app_context():
            _fill(instance, count)
        first = _timed(instance)
        later = [_timed(instance) for _ in range(3)]
    typical = sorted(later, key=lambda each: sum(each.values()))[1]
    dearest = sorted(typical.items(), key=lambda each: -each[1])[:6]
    print(
        json.dumps(
            {
                "circles": count,
                "first_run_s": round(sum(first.values()), 3),
                "idle_run_s": round(sum(typical.values()), 3),
                "dearest_ms": {name: round(1000 * spent, 1) for name, spent in dearest},
            }
        )
    )


def _timed(instance: Instance) -> dict[str, float]:
    """CPU seconds of a run, by job."""
    spent = {}
    with instance.app.app_context():
        for job in JOBS:
            begun = process_time()
            run_due_jobs((job,))
            spent[job.name] = process_time() - begun
    return spent


def _fill(instance: Instance, count: int) -> None:
    """Copy the first circle with its people and log `count` times, without posts.

    Sealed texts of the copies do not open, and nothing that is idle opens them.
    """
    with unit_of_work():
        posts.present(
            instance.standing(),
            new_id(),
            Reflection("One", {"story": "A."}, mode=AuthorMode.OWN_NAME),
        )
    run_due_jobs()
    for _ in range(PEOPLE - 1):
        instance.member(f"member{new_id().hex[:8]}")
    for start in range(0, count, BATCH):
        ids = [new_id() for _ in range(min(BATCH, count - start))]
        for circle_id in ids:
            key_ring().make_circle(circle_id)
        with unit_of_work():
            for table in ("circle", "membership", "author", "log_entry"):
                rows = [*_copies(db.metadata.tables[table], instance, ids)]
                db.session.execute(insert(db.metadata.tables[table]), rows)
        db.session.remove()
    search.build_due()


def _copies(table: Table, instance: Instance, ids: list[UUID]) -> Iterator[dict[str, Any]]:
    scope = {"circle": "id", "log_entry": "chain"}.get(table.name, "circle_id")
    here = select(table).where(table.c[scope] == instance.circle_id)
    rows = [dict(row) for row in db.session.execute(here).mappings()]
    people = db.session.scalars(select(db.metadata.tables["member"].c.id)).all()
    for circle_id in ids:
        for row in rows:
            for member_id in people if table.name == "membership" else (None,):
                copy = row | {"id": new_id(), scope: circle_id}
                if table.name == "author":
                    copy |= {"scope_id": circle_id, "holder_key": new_id().bytes * 2}
                if member_id:
                    copy["member_id"] = member_id
                if "name_digest" in copy:
                    copy["name_digest"] = new_id().bytes * 2
                yield copy


if __name__ == "__main__":
    main()
