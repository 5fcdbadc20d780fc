"""Break rules that matter, one line at a time, and see a test fail: `make mutants [COUNT=600]`.

Cosmic Ray makes the mutants; COUNT of them are drawn with a fixed seed. Each is tried against those
tests of its own room, and proofs, that execute its line, in one of two copies of the checkout, for
BUDGET seconds of them. Prints each survivor as a diff when it is found, and a
table of Markdown at the end.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff
from importlib.util import cache_from_source
from itertools import accumulate, islice
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from random import Random
from shutil import move
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory
from typing import NoReturn
from xml.etree import ElementTree

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from coverage import CoverageData
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
FORKS = get_context("forkserver")
QUIETLY = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
SEED, COPIES = 2026, 2
BUDGET = 30  # seconds of tests for one mutant, as they took while lines were recorded
PATIENCE = 8 * BUDGET  # seconds; more is an endless loop, and so noticed
RULES = {  # room -> its modules that hold rules
    "policy": ("may", "standing", "terms"),
    "authors": ("confusables", "holders", "mask_names", "queries", "services"),
    "discussions": ("jobs", "posts", "slot_phrases", "visibility"),
    "circles": ("access", "closing", "mask_schedule", "membership", "queries", "services"),
    "offboarding": ("belongings", "jobs", "plans", "services"),
    "notifications": ("calendars", "digests"),
    "core": ("envelope", "keys", "sealing", "tokens"),
}
# Operators whose mutants somebody could write by mistake, comparisons as mutmut swaps them; others
# break at import, or are alike in effect for ids.
OPERATORS = re.compile(
    r"core/(AddNot|NumberReplacer|RemoveDecorator|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add)|ReplaceContinueWithBreak|ReplaceFalseWithTrue"
    r"|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)"
    r"|ReplaceTrueWithFalse|ReplaceUnaryOperator_Delete_Not|ZeroIterationForLoop)"
)
IDLE = re.compile(r"(-\s*\n)*-\s*@(overload|dataclass|abstractmethod)")  # nothing of a run changes


@dataclass(frozen=True)
class Mutant:
    """One change of one module. path: relative to the checkout. line: the first that differs."""

    room: str
    path: Path
    operator: str
    code: str
    line: int
    diff: str


def main(count: int) -> int:
    """Try COUNT mutants; gives 1 where fewer than nine in ten are noticed."""
    places = list(possible())
    Random(SEED).shuffle(places)  # noqa: S311  # nothing drawn is secret
    made = (mutant(*place) for place in places)
    drawn = list(islice((each for each in made if not IDLE.match(each.diff)), count))
    FORKS.set_forkserver_preload(["__main__", *_libraries()])
    with TemporaryDirectory() as place:
        copies = SimpleQueue[Path]()
        for number in range(COPIES):
            copies.put(_copied(Path(place) / str(number)))
        if not _passes(Path(place) / "0", [f"tests/{room}" for room in ("policy", "authors")]):
            sys.exit("tests fail without a mutant")
        tests = Tests(recorded(Path(place) / "0"))
        with ThreadPoolExecutor(COPIES) as workers:
            tried = workers.map(lambda each: _is_noticed(each, tests, copies), drawn)
            noticed = []
            for each, seen in zip(drawn, tqdm(tried, total=count, mininterval=30), strict=True):
                noticed.append(seen)
                if not seen:
                    print(f"{each.path}:{each.line} {each.operator}\n{each.diff}\n", flush=True)
    print("| room | mutants | noticed |", "|---|---|---|", sep="\n")
    for room in RULES:
        of_room = [seen for each, seen in zip(drawn, noticed, strict=True) if each.room == room]
        print(f"| {room} | {len(of_room)} | {sum(of_room)} |")
    print(f"| all | {count} | {sum(noticed)} ({sum(noticed) / count:.1%}) |")
    return int(sum(noticed) < 0.9 * count)


def possible() -> Iterator[tuple[str, Path, str, int]]:
    """(room, path, operator, occurrence) of every mutant of RULES, in a fixed order."""
    names = sorted(filter(OPERATORS.fullmatch, operator_names()))
    for room, modules in RULES.items():
        for module in modules:
            path = Path("forum") / room / f"{module}.py"
            nodes = list(ast_nodes(get_ast((ROOT / path).read_text())))
            for name in names:
                operator = get_operator(name)()
                count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
                yield from ((room, path, name, occurrence) for occurrence in range(count))


def mutant(room: str, path: Path, name: str, occurrence: int) -> Mutant:
    """One mutant, made."""
    before = (ROOT / path).read_text()
    code = mutate_code(before, get_operator(name)(), occurrence)
    pair = before.splitlines(), code.splitlines()
    line = next(n for n, (old, new) in enumerate(zip(*pair, strict=False), 1) if old != new)
    diff = "\n".join([*unified_diff(*pair, n=0, lineterm="")][3:])
    return Mutant(room, path, name.removeprefix("core/"), code, line, diff)


class Tests:
    """Tests that execute a line, quickest first; found by running the tests of all rooms once.

    record: a folder with what that run told, made by `recorded`.
    """

    def __init__(self, record: Path) -> None:
        cases = ElementTree.parse(record / "tests.xml").iter("testcase")  # noqa: S314  # nosec B314  # ours
        self._seconds = {
            f"{case.get('file')}::{case.get('name')}": float(case.get("time", 0)) for case in cases
        }
        data = CoverageData(str(record / ".coverage"))
        data.read()
        self._by_line = {
            Path(file): data.contexts_by_lineno(file) for file in data.measured_files()
        }

    def of(self, mutant: Mutant) -> list[str]:
        """Ids of tests of the mutant's room and of proofs that execute its line, of BUDGET seconds
        in all: those named for its module first, then the quickest. A line that is executed as the
        module is imported counts as executed wherever the name that it binds is used.
        """
        reached = self._executing(mutant.path, mutant.line)
        if not reached:
            for path, line in _uses(mutant.path, mutant.line):
                reached |= self._executing(path, line)
        ours = (f"tests/{mutant.room}/", "tests/proofs/")
        found = {name for name in reached if name.startswith(ours)} or reached
        near = f"test_{mutant.path.stem}.py"
        ordered = sorted(found, key=lambda test: (near not in test, self._seconds.get(test, 1)))
        spent = accumulate(self._seconds.get(test, 1) for test in ordered)
        return [test for test, all_of in zip(ordered, spent, strict=True) if all_of <= BUDGET]

    def _executing(self, path: Path, line: int) -> set[str]:
        contexts = self._by_line.get(path, {}).get(line, ())
        return {context.rpartition("|")[0] for context in contexts} - {""}


def recorded(copy: Path) -> Path:
    """The folder with times of tests and the lines they execute; kept for this state of files."""
    asked = ["git", "rev-parse", "HEAD^{tree}"]
    told = run(asked, cwd=copy, check=True, capture_output=True)  # noqa: S603  # our own words
    kept = ROOT / ".venv" / "mutants" / told.stdout.decode().strip()
    if not kept.exists():
        folders = sorted({f"tests/{room}" for room in RULES} | {"tests/proofs"})
        report = copy / "tests.xml"
        asked = ["--cov=forum", "--cov-context=test", "--cov-report=", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", *QUIETLY, "-n2", "-o", "junit_family=xunit1"]
        run([*command, *asked, *folders], cwd=copy, stdout=DEVNULL, check=False)  # noqa: S603
        kept.mkdir(parents=True)
        for file in (report, copy / ".coverage"):
            move(file, kept)
    return kept


def _uses(path: Path, line: int) -> Iterator[tuple[Path, int]]:
    """(path, line) that is executed where the statement around a line, itself executed as its
    module is imported, has its effect: the body of a function, or each use of a constant or class.
    """
    tree = ast.parse((ROOT / path).read_text())
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and _first(node) <= line <= (node.end_lineno or line)
    ]
    inmost = around[-1]  # ast.walk goes from outer to inner statements
    if isinstance(inmost, ast.FunctionDef):
        last = inmost.end_lineno or inmost.lineno
        yield from ((path, number) for number in range(inmost.body[0].lineno, last + 1))
        return
    names = {name for name in map(_bound, around) if name}
    word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b") if names else None
    for file in sorted((ROOT / "forum").rglob("*.py")) if word else ():
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if word and word.search(text):
                yield file.relative_to(ROOT), number


def _first(node: ast.stmt) -> int:
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])


def _bound(node: ast.stmt) -> str:
    """The name that an assignment or a class binds; "" for other statements."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.ClassDef(name=name):
            return name
    return ""


def _is_noticed(mutant: Mutant, tests: Tests, copies: SimpleQueue[Path]) -> bool:
    copy, asked = copies.get(), tests.of(mutant)
    file = copy / mutant.path
    before = file.read_text()
    try:
        file.write_text(mutant.code)
        Path(cache_from_source(str(file))).unlink(missing_ok=True)  # it tells by the second
        return bool(asked) and not _passes(copy, asked)
    finally:
        file.write_text(before)
        copies.put(copy)


def _passes(copy: Path, asked: list[str]) -> bool:
    """Whether tests pass in a copy of the checkout, within PATIENCE."""
    process = FORKS.Process(target=_test, args=(copy, ["-x", "-n0", *asked]))
    process.start()
    process.join(PATIENCE)
    process.kill()
    process.join()
    return process.exitcode == 0


def _test(copy: Path, asked: list[str]) -> NoReturn:
    """Run tests in a process of its own, silently, and leave with what pytest gives."""
    os.chdir(copy)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.exit(pytest.main([*QUIETLY, *asked]))


def _libraries() -> list[str]:
    """Modules that tests import, but for the forum's own: loaded once, for all mutants."""
    told = "import sys, tests.world, tests.conftest, hypothesis.stateful; print(*sys.modules)"
    done = run([sys.executable, "-c", told], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    ours = ("__main__", "config", "forum", "tests", "wsgi")
    return [name for name in done.stdout.split() if name.partition(".")[0] not in ours]


def _copied(place: Path) -> Path:
    clone = ["git", "-c", "advice.detachedHead=false", "clone", "-q", str(ROOT), str(place)]
    run(clone, check=True)  # noqa: S603
    return place


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
