"""Costs of searching by meaning: `python -m bench.meaning --texts FILE` prints a table.

One forum of five circles of 1,000 posts that a reader has, and one more of 5,000: the worker makes
their vectors; then the reader's searches are timed with and without them, in turn, in one process.
Memory is measured in processes of their own. FILE: see `reports`. Needs the optional part.
"""

import argparse
import gc
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from uuid import UUID

from bench.filled import Filled
from bench.instance import NOON, MeaningConfig
from bench.memory import resident
from bench.reports import Reports
from bench.times import Times
from config import Config
from forum import create_app
from forum.circles.queries import standings
from forum.core.garbage_collection import freeze_loaded_objects
from forum.search.queries import search
from forum.search.sentence_encoder import LazyEncoder, MiniLm
from forum.search.vector_jobs import catch_up

WARM_UP = 20  # questions
WORDS = 150  # of a post whose vector is timed


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts to measure."""

    mine: int = 5  # circles of the reader
    posts: int = 1_000  # in each
    more: int = 5_000  # posts in one more circle
    questions: int = 200


def main(texts: Path | None, sizes: Sizes) -> None:
    """Measure, and print."""
    chance = Random(7)  # noqa: S311  # nothing drawn is a secret
    reports = Reports(texts, chance)
    print("| | |\n|---|---|")
    _time_vectors(reports)
    with TemporaryDirectory() as folder:
        forum = Filled(Path(folder), reports, chance, meaning=True)
        reader, other = forum.member("Reader"), forum.member("Other")
        mine = [forum.circle(reader, sizes.posts) for _ in range(sizes.mine)]
        forum.circle(other, sizes.more)
        _time_catching_up(forum, sizes.mine * sizes.posts + sizes.more)
        questions = forum.questions(mine, sizes.questions)
        _time_searches(forum, reader, questions)
        taken = [_memory(Path(folder), reader, questions, meaning) for meaning in (False, True)]
        _tell("memory of a process after these searches, without and with, MB", *taken)


def _time_vectors(reports: Reports) -> None:
    model, words = MiniLm(Config.MEANING), list[str]()
    while len(words) < WORDS:
        words += reports.one()[1].split()
    post = " ".join(words[:WORDS])
    for name, text in (("a query", " ".join(words[:4])), (f"a post of {WORDS} words", post)):
        model.vector(text)
        _tell(
            f"vector of {name}, ms of CPU",
            Times.of(lambda _, t=text: model.vector(t), range(50)).cpu,
        )


def _time_catching_up(forum: Filled, posts: int) -> None:
    with forum.instance.app.app_context():
        wall, cpu = perf_counter(), process_time()
        catch_up(lambda: False)
        taken = round(process_time() - cpu), round(perf_counter() - wall)
    _tell(f"vectors of {posts:,} posts, seconds of CPU, of the clock", *taken)


def _time_searches(forum: Filled, reader: UUID, questions: list[str]) -> None:
    app = forum.instance.app
    encoders = {"without": LazyEncoder(Path("/nonexistent")), "with": app.extensions["encoder"]}

    def asked(encoder: LazyEncoder) -> Callable[[str], None]:
        def ask(query: str) -> None:
            app.extensions["encoder"] = encoder
            forum.search(reader, query)

        return ask

    for name, encoder in encoders.items():
        for query in questions[:WARM_UP]:
            asked(encoder)(query)
        times = Times.of(asked(encoder), questions)
        _tell(
            f"a search of five circles {name} it, p50, p95, CPU, ms",
            times.p50,
            times.p95,
            times.cpu,
        )


def _memory(folder: Path, reader: UUID, questions: list[str], meaning: bool) -> int:
    with get_context("spawn").Pool(1) as one:
        return one.apply(_resident, (folder, reader, questions, meaning))


def _resident(folder: Path, reader: UUID, questions: list[str], meaning: bool) -> int:
    app = create_app(MeaningConfig(folder / "instance"), clock=lambda: NOON)
    if not meaning:
        app.extensions["encoder"] = LazyEncoder(Path("/nonexistent"))
    for query in questions:
        with app.app_context():
            search(standings(reader), query)
    gc.collect()
    return round(resident() / 1_000_000)


def _tell(what: str, *figures: float) -> None:
    print(f"| {what} |", " · ".join(map(str, figures)), "|", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.meaning")
    parser.add_argument("--texts", type=Path, help="real texts, a line of JSON each")
    freeze_loaded_objects()
    main(parser.parse_args().texts, Sizes())
