"""What `pytest -m leaks` says at its end: each property, what was measured, whether it holds."""

import re
from collections import defaultdict
from os import environ

import pytest

ROW = re.compile(r"test_([a-fm]\d+)_(\w+)\.py$")
PROPERTY, FIGURE = "property", "figure"  # of what a report carries from test to summary


@pytest.fixture
def figure(record_property):
    """Has a measured figure said beside the property, such as "0.21 of guesses right"."""
    return lambda words: record_property(FIGURE, words)


def pytest_itemcollected(item):
    if item.get_closest_marker("leaks"):
        item.user_properties.append((PROPERTY, _named(item)))


def pytest_terminal_summary(terminalreporter, config):
    if "leaks" in (config.option.markexpr or "") or environ.get("PROOF"):
        terminalreporter.section("what nobody may learn")
        for line in _lines(terminalreporter.stats):
            terminalreporter.line(line)


def _named(item):
    """The row that a module proves, "M1 swap"; else what the test itself says."""
    if row := ROW.search(item.path.name):
        return f"{row[1].upper()} {row[2].replace('_', ' ')}"
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")


def _lines(stats):
    outcomes, figures = defaultdict(set), defaultdict(list)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, ()):
            known = dict(report.user_properties)
            if PROPERTY in known:
                outcomes[known[PROPERTY]].add(outcome)
                figures[known[PROPERTY]] += [
                    words for kind, words in report.user_properties if kind == FIGURE
                ]
    for name in sorted(outcomes, key=lambda name: (not re.match(r"[A-FM]\d", name), name)):
        said = "; ".join(dict.fromkeys(figures[name]))
        yield " - ".join(filter(None, (name, said, _verdict(outcomes[name]))))


def _verdict(outcomes):
    if outcomes & {"failed", "error"}:
        return "BROKEN"
    return "holds" if "passed" in outcomes else "not run"
