"""Accuracy and speed of the checker: `python -m bench.checker [DIR…] [--misses]`.

Each DIR holds reflections.jsonl (labelled: text, spans, combination, clean), posts.jsonl or
consultations.jsonl (unlabelled: counted only). Prints a table of kinds for each labelled file, for
its two halves if set apart, then a JSON line with the groups, times and memory. Without DIR, times
and memory alone; absent files are reported. --misses lists offsets of missed or wrong findings,
never words.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from forum.checker import Finding, Kind, Severity, check
from forum.checker.ages import years

STOP = frozenset({
    "nhs_number", "chi_number", "hc_number", "ie_ihi", "medicare_au", "ihi_au", "hpi_au", "phn_bc",
    "ohip", "ramq", "ni_number", "sin", "tfn", "phone", "email", "postcode", "date_of_birth",
})  # fmt: skip
ROOT = Path(__file__).parents[1]
SEED = 18  # seed of the held-out half, drawn before any rule was tuned
READ_MARKED, READ_CLEAN = 17, 20  # texts at either end of the file, read before the draw


@dataclass(frozen=True, slots=True)
class Text:
    """A labelled text. spans: (kind, start, end)."""

    id: str
    text: str
    spans: list[tuple[str, int, int]]
    combination: frozenset[str]
    clean: bool


@dataclass(slots=True)
class Score:
    """Counts of a kind or group."""

    labels: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share of labels found; 1 without labels."""
        return self.found / self.labels if self.labels else 1.0

    @property
    def precision(self) -> float:
        """Share of correct findings; 1 without findings."""
        return self.right / self.findings if self.findings else 1.0


@dataclass(slots=True)
class Result:
    """Scores by kind and by group, and clean texts with a finding."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    clean: int = 0
    clean_stopped: int = 0
    clean_confirmed: int = 0
    wrong: list[str] = field(default_factory=list)


def main(folders: Iterable[Path], *, misses: bool = False) -> None:
    """Measure, print tables, then a JSON line."""
    summary: dict[str, Any] = {}
    for folder in folders:
        labelled = folder / "reflections.jsonl"
        if labelled.exists():
            summary[folder.name] = _judge(labelled, misses=misses)
        plain = [
            path
            for path in (folder / "posts.jsonl", folder / "consultations.jsonl")
            if path.exists()
        ]
        for path in plain:
            summary[folder.name] = _count(path)
        if not labelled.exists() and not plain:
            print(f"{folder}: no reflections.jsonl, posts.jsonl or consultations.jsonl")
    print(json.dumps(summary | _costs()))


def _judge(path: Path, *, misses: bool) -> dict[str, Any]:
    texts = [_text(json.loads(line)) for line in path.read_text().splitlines()]
    apart = set_apart(texts)
    parts = {"all": texts}
    if apart:
        parts["tuned on first"] = [text for text in texts if text.id not in apart]
        parts["set apart"] = [text for text in texts if text.id in apart]
    results = {name: score(part) for name, part in parts.items()}
    for name, result in results.items():
        print(f"\n{path.parent.name}, {name}: {len(parts[name])} texts")
        _print(result)
    if misses:
        print("\n".join(results["all"].wrong))
    return {name: _figures(result) for name, result in results.items()}


def set_apart(texts: list[Text]) -> frozenset[str]:
    """Ids of the held-out half of the development texts; empty for further files."""
    if not all(text.id.startswith("dev-") for text in texts):
        return frozenset()
    marked = [text.id for text in texts if not text.clean]
    clean = [text.id for text in texts if text.clean]
    drawn = Random(SEED).sample(marked[READ_MARKED:], len(marked) // 2)  # noqa: S311  # no secret
    return frozenset(drawn) | frozenset(clean[:READ_CLEAN])


def score(texts: Iterable[Text]) -> Result:
    """Each label found by a finding of its kind; each finding correct if it overlaps any label."""
    result = Result()
    for text in texts:
        findings = check(text.text)
        _score_labels(result, text, findings)
        _score_findings(result, text, findings)
        _score_combination(result, text, findings)
        if text.clean:
            result.clean += 1
            result.clean_stopped += any(each.severity is Severity.STOP for each in findings)
            result.clean_confirmed += any(each.severity is Severity.CONFIRM for each in findings)
    return result


def _score_labels(result: Result, text: Text, findings: list[Finding]) -> None:
    for kind, start, end in text.spans:
        found = any(f.kind == kind and f.start < end and start < f.end for f in findings)
        for name in (kind, _group(kind, text.text[start:end])):
            result.scores[name].labels += 1
            result.scores[name].found += found
        if not found:
            result.wrong.append(f"{text.id} missed {kind} {start}-{end}")


def _score_findings(result: Result, text: Text, findings: list[Finding]) -> None:
    for each in findings:
        if each.kind is Kind.COMBINATION:
            continue
        right = any(each.start < end and start < each.end for _, start, end in text.spans)
        for name in (each.kind.value, f"= {each.severity.value}"):
            result.scores[name].findings += 1
            result.scores[name].right += right
        if not right:
            result.wrong.append(f"{text.id} wrong {each.kind.value} {each.start}-{each.end}")


def _score_combination(result: Result, text: Text, findings: list[Finding]) -> None:
    """A finding with two of the labelled facets is correct; in unlabelled texts none is."""
    meetings = [each for each in findings if each.kind is Kind.COMBINATION]
    right = any(len(each.facets & text.combination) >= 2 for each in meetings)
    scored = result.scores["combination"]
    scored.labels += bool(text.combination)
    scored.found += right
    scored.findings += bool(meetings)
    scored.right += bool(meetings and text.combination)
    if text.combination and not right:
        result.wrong.append(f"{text.id} missed combination {sorted(text.combination)}")
    if meetings and not text.combination:
        result.wrong.append(
            f"{text.id} wrong combination {[sorted(each.facets) for each in meetings]}"
        )


def _group(kind: str, words: str) -> str:
    if kind == Kind.EXACT_AGE:
        digits = "".join(filter(str.isdigit, words))
        age = int(digits) if digits else years(words)
        young = any(unit in words for unit in ("day", "week", "month", "/"))
        return "= nudge" if 18 <= age <= 89 and not young else "= confirm"
    return "= stop" if kind in STOP else "= confirm"


def _print(result: Result) -> None:
    print(
        f"{'kind':<18} {'labels':>6} {'found':>6} {'recall':>7}"
        f" {'findings':>8} {'right':>6} {'precision':>9}"
    )
    for name, each in sorted(result.scores.items()):
        print(
            f"{name:<18} {each.labels:>6} {each.found:>6} {each.recall:>7.3f}"
            f" {each.findings:>8} {each.right:>6} {each.precision:>9.3f}"
        )
    print(
        f"clean: {result.clean}, stopped {result.clean_stopped},"
        f" asked to confirm {result.clean_confirmed}"
    )


def _figures(result: Result) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in ("stop", "confirm", "nudge"):
        figures[f"{name}_recall"] = round(result.scores[f"= {name}"].recall, 4)
        figures[f"{name}_precision"] = round(result.scores[f"= {name}"].precision, 4)
    figures["combination_recall"] = round(result.scores["combination"].recall, 4)
    figures["clean"] = result.clean
    figures["clean_stopped"] = result.clean_stopped
    figures["clean_confirmed"] = result.clean_confirmed
    return figures


def _count(path: Path) -> dict[str, int]:
    """Findings by kind in unlabelled texts."""
    counts: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        counts.update(each.kind.value for each in check(_plain(json.loads(line))))
    print(
        f"\n{path.parent.name}: "
        + ", ".join(f"{kind} {count}" for kind, count in counts.most_common())
    )
    return dict(counts)


def _plain(row: dict[str, Any]) -> str:
    if "turns" in row:
        return "\n\n".join([str(row["note"]), *(str(turn["text"]) for turn in row["turns"])])
    return str(row["text"])


def _text(row: dict[str, Any]) -> Text:
    spans = [(each["kind"], each["start"], each["end"]) for each in row["spans"]]
    return Text(row["id"], row["text"], spans, frozenset(row["combination"] or ()), row["clean"])


PROSE = (
    "I saw somebody on Thursday whose story stays with me. The results were normal, BP 120/80, "
    "HbA1c 48, and still she said that nothing had been right since the winter. I listened, I "
    "wrote amoxicillin 500 mg three times a day, and then I sat for a while. Our nurse asked "
    "whether I was well. Nobody had asked me that in weeks, and I could not answer. What would "
    "you have said? "
)


def _costs() -> dict[str, float]:
    """Milliseconds, the ratio of times at four times the length, and megabytes of memory."""
    words = (PROSE * 40).split()
    long = ("943 476 5919, then 1234567890 and " + PROSE) * 400
    return {
        "ms_2000_words": _milliseconds(" ".join(words[:2000])),
        "ms_20000_characters_5000_digits": _milliseconds(_dense()),
        "ratio_at_4_times_length": round(
            _milliseconds(long[:80_000]) / _milliseconds(long[:20_000]), 2
        ),
        "memory_mb": _memory(),
    }


def _dense() -> str:
    """20,000 characters of prose, with 5,000 digits in numbers of ten."""
    chance = Random(SEED)  # noqa: S311  # no secret
    pieces = [
        f"{PROSE[i % 300 : i % 300 + 29]} {chance.randrange(10**9, 10**10)}" for i in range(500)
    ]
    return "".join(pieces)[:20_000]


def _milliseconds(text: str, rounds: int = 9) -> float:
    """The fastest of several checks, in milliseconds of this process's CPU time.

    CPU time of the fastest run excludes the load of the machine.
    """
    check(text)
    times = []
    for _ in range(rounds):
        began = process_time()
        check(text)
        times.append(process_time() - began)
    return round(min(times) * 1000, 2)


_MEASURE = """
import gc, sys, tracemalloc, types
tracemalloc.start()
room = types.ModuleType("forum")  # the room without the application
room.__path__ = ["forum"]
sys.modules["forum"] = room
from forum.checker import check, help_topics
check("Dr Ann Smith of Diss, 020 7946 0123, aged 9, +61 491 570 156, 604 555 0123, 02 5550 1234")
help_topics("none")
gc.collect()
print(tracemalloc.get_traced_memory()[0] / 1e6)
"""


def _memory() -> float:
    """Megabytes of Python objects in a process with the checker alone: libraries, patterns, all
    lists."""
    done = subprocess.run(  # noqa: S603  # our own interpreter, our own words
        [sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return round(float(done.stdout), 1)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", nargs="*", type=Path)
    arguments.add_argument("--misses", action="store_true")
    given = arguments.parse_args()
    main(given.folders, misses=given.misses)
