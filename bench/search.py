"""Time of searches: `python -m bench.search [--texts FILE] [--docs] [--json]` prints tables.

Measured by the size of a circle, and by the size of the forum around the reader's own circles;
further, the time to find a new post, to forget a withdrawn post, to answer hostile queries and to
keep an index open. The yardstick of the same run is a shared table: see `yardstick`.

warm: the circles' indexes are open in this process; cold: they are opened anew. Both are the
product's own search, including the second read and the highlights; a page adds its fixed cost.
FILE: see `reports`; --docs writes the plots into docs/benchmarks/; --json prints one line of
figures, see `summary`. Takes about ten minutes.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from tqdm import tqdm

from bench import plots
from bench.filled import Filled
from bench.hostile import hostile
from bench.memory import taken
from bench.reports import Reports
from bench.times import Spent, Times, spent
from forum.core.garbage_collection import freeze_loaded_objects

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
WARM_UP = 20  # questions


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts to measure."""

    circles: tuple[int, ...] = (100, 1_000, 10_000)  # posts in a circle
    mine: int = 5  # circles of the reader
    posts: int = 1_000  # in each of the reader's circles
    forums: tuple[int, ...] = (5, 100, 1_000)  # circles in the forum
    others: int = 10  # posts in each further circle
    questions: int = 200
    cold: int = 40  # questions with no index open
    changes: int = 40  # posts added and withdrawn
    hostile: int = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """Times of searches. size: posts in the circle, or circles in the forum."""

    size: int
    warm: Times
    cold: Times
    shared: Times


@dataclass(frozen=True, slots=True)
class Kept:
    """Size of an index. kb_a_post: on disk; mb: in memory, open."""

    posts: int
    kb_a_post: float
    mb: float


@dataclass(frozen=True, slots=True)
class Changed:
    """Extra time of the search after a new post, and time to remove a withdrawn post's words."""

    posts: int
    new: Times
    withdrawn: Times


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures. hostile: by place of the search."""

    circles: list[Asked]
    forums: list[Asked]
    kept: list[Kept]
    changed: list[Changed]
    hostile: dict[str, Times]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.search")
    parser.add_argument("--texts", type=Path, help="real texts, a line of JSON each")
    parser.add_argument("--docs", action="store_true", help="write the plots")
    parser.add_argument("--json", action="store_true", help="print one line of figures")
    given = parser.parse_args()
    freeze_loaded_objects()  # as in a serving process
    with TemporaryDirectory() as folder:
        figures = measured(Path(folder), Sizes(), given.texts)
    print(json.dumps(summary(figures)) if given.json else "\n\n".join(tables(figures)))
    if given.docs:
        draw(figures, DOCS)


def measured(folder: Path, sizes: Sizes, texts: Path | None = None) -> Figures:
    """All figures."""
    chance = Random(7)  # noqa: S311  # nothing drawn is a secret
    reports = Reports(texts, chance)
    figures = Figures([], [], [], [], {})
    _by_forum(Filled(folder / "forums", reports, chance), sizes, figures, chance)
    _by_circle(Filled(folder / "circles", reports, chance), sizes, figures, chance)
    return figures


def summary(figures: Figures) -> dict[str, float]:
    """The figures of five circles of 1,000 posts, and of one such circle, in milliseconds.

    warm_p95_ms, cold_p95_ms: a search. flatness: warm p95 in the largest forum over the smallest.
    catch_up_ms: added to a search by a new post, median. index_bytes_per_post: on the disk.
    hostile_max_ms: the slowest hostile query.
    """
    smallest, largest = figures.forums[0], figures.forums[-1]
    middle = len(figures.changed) // 2
    return {
        "warm_p95_ms": smallest.warm.p95,
        "cold_p95_ms": smallest.cold.p95,
        "flatness": round(largest.warm.p95 / smallest.warm.p95, 2),
        "catch_up_ms": figures.changed[middle].new.p50,
        "index_bytes_per_post": round(figures.kept[middle].kb_a_post * 1000),
        "hostile_max_ms": max(times.most for times in figures.hostile.values()),
    }


def tables(figures: Figures) -> Iterator[str]:
    """The figures in Markdown, times in milliseconds."""
    for size, rows in (("posts in the circle", figures.circles), ("circles", figures.forums)):
        yield _table(
            f"{size} | warm p50 | p95 | CPU | cold p50 | p95 | CPU | FTS5 p50 | p95 | CPU",
            (
                [row.size, *(f for t in (row.warm, row.cold, row.shared) for f in _told(t))]
                for row in rows
            ),
        )
    yield _table(
        "posts in the circle | KB a post, on the disk | MB, open",
        ([row.posts, row.kb_a_post, row.mb] for row in figures.kept),
    )
    yield _table(
        "posts in the circle | a new post adds, p50 | p95 | a withdrawal takes, p50 | p95 | worst",
        (
            [row.posts, row.new.p50, row.new.p95, row.withdrawn.p50, *_worst(row.withdrawn)]
            for row in figures.changed
        ),
    )
    yield _table(
        "hostile queries in | p50 | p95 | worst",
        ([where, times.p50, *_worst(times)] for where, times in figures.hostile.items()),
    )


def draw(figures: Figures, folder: Path) -> None:
    """Write the plots."""
    for name, title, along, rows in (
        ("search-by-circle", "A search of one circle", "posts in it", figures.circles),
        ("search-by-forum", "A search of five circles", "circles in the forum", figures.forums),
    ):
        drawn = {
            "opened anew, p95": [row.cold.p95 for row in rows],
            "open, p95": [row.warm.p95 for row in rows],
            "open, p50": [row.warm.p50 for row in rows],
            "FTS5 in one table, p95": [row.shared.p95 for row in rows],
        }
        plots.lines(folder / f"{name}.svg", title, along, [row.size for row in rows], drawn)


def _by_forum(forum: Filled, sizes: Sizes, figures: Figures, chance: Random) -> None:
    reader, other = forum.member("Reader"), forum.member("Other")
    mine = [forum.circle(reader, sizes.posts) for _ in _counted(sizes.mine, "circles of a reader")]
    questions, there = forum.questions(mine, sizes.questions), sizes.mine
    for size in sizes.forums:
        for _ in _counted(size - there, "circles of others"):
            forum.circle(other, sizes.others)
        there = size
        figures.forums.append(_asked(forum, reader, mine, questions, size, sizes.cold))
    where = f"{sizes.mine} circles of {sizes.posts:,} posts"
    figures.hostile[where] = _hostile(forum, reader, mine, sizes, chance)


def _by_circle(forum: Filled, sizes: Sizes, figures: Figures, chance: Random) -> None:
    small = forum.member("Small")
    few = forum.circle(small, 5)
    before = small, forum.questions([few], WARM_UP)
    for size in sizes.circles:
        _tell(f"A circle of {size} posts")
        reader = forum.member(f"Reader{size}")
        home = forum.circle(reader, size)
        questions = forum.questions([home], sizes.questions)
        figures.circles.append(_asked(forum, reader, [home], questions, size, sizes.cold))
        folder = Path(forum.instance.app.config["SEARCH_INDEX"]) / str(home)
        kb = sum(file.stat().st_size for file in folder.iterdir()) / size / 1000
        mb = taken(forum.instance.folder, before, (reader, questions))
        figures.kept.append(Kept(size, round(kb, 1), mb))
        figures.changed.append(_changed(forum, reader, home, size, sizes.changes))
    where = f"one circle of {size:,} posts"
    figures.hostile[where] = _hostile(forum, reader, [home], sizes, chance)


def _asked(
    forum: Filled, reader: UUID, mine: Sequence[UUID], questions: list[str], size: int, cold: int
) -> Asked:
    _tell("Asking")
    anew = Times.of(lambda query: forum.search_anew(reader, query), questions[:cold])
    for query in questions[:WARM_UP]:
        forum.search(reader, query)
    warm = Times.of(lambda query: forum.search(reader, query), questions)
    shared = Times.of(lambda query: forum.shared.search(mine, query), questions)
    return Asked(size, warm, anew, shared)


def _changed(forum: Filled, reader: UUID, home: UUID, size: int, many: int) -> Changed:
    _tell("Posting and withdrawing")
    thread_id, _ = forum.post(reader, home, None)
    posted = list[UUID]()

    def added() -> Iterator[Spent]:
        for _ in range(many):
            post_id, text = forum.post(reader, home, thread_id)
            posted.append(post_id)
            asked = partial(forum.search, reader, " ".join(text.split()[:3]))
            first, again = spent(asked), spent(asked)
            yield Spent(first.wall - again.wall, first.cpu - again.cpu)

    new = Times.told(added())
    gone = Times.of(lambda post_id: forum.withdraw(reader, home, post_id), posted)
    return Changed(size, new, gone)


def _hostile(
    forum: Filled, reader: UUID, mine: Sequence[UUID], sizes: Sizes, chance: Random
) -> Times:
    _tell("Asking what is hostile")
    queries = hostile(sizes.hostile, forum.common(mine), chance)
    return Times.of(lambda query: forum.search(reader, query), queries)


def _told(times: Times) -> tuple[float, float, float]:
    return times.p50, times.p95, times.cpu


def _worst(times: Times) -> tuple[float, float]:
    return times.p95, times.most


def _table(heads: str, rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, "|".join("---" for _ in heads.split("|"))]
    lines += [" | ".join(map(_cell, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _cell(what: object) -> str:
    return f"{what:,}" if isinstance(what, int) else str(what)


def _counted(many: int, what: str) -> Iterable[int]:
    return tqdm(range(many), desc=f"Filling {what}", file=sys.stderr)


def _tell(what: str) -> None:
    print(f"{what}.", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
