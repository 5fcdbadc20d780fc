"""Memory of an open index, measured in a separate process."""

import gc
import resource
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from bench.instance import NOON, BenchConfig
from forum import create_app
from forum.circles.queries import standings
from forum.search.queries import search

Asking = tuple[UUID, Sequence[str]]  # a member, and what they ask


def taken(folder: Path, before: Asking, asking: Asking) -> float:
    """Megabytes added by a second member's searches, after a first member's."""
    with get_context("spawn").Pool(1) as one:
        return one.apply(_taken, (folder, before, asking))


def _taken(folder: Path, before: Asking, asking: Asking) -> float:
    app = create_app(BenchConfig(folder / "instance"), clock=lambda: NOON)
    memory = []
    for member_id, questions in (before, asking):
        for query in questions:
            with app.app_context():
                search(standings(member_id), query)
        gc.collect()
        memory.append(resident())
    return round((memory[1] - memory[0]) / 1_000_000, 1)


def resident() -> int:
    """Resident memory in bytes. Source: proc_pid_statm(5), field 2."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
