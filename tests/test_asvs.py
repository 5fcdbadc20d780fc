"""docs/asvs.md: each requirement of levels 1 and 2 has a row, a state, and files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (\d[\d.]*)(?:-(\d[\d.]*))? \| .* \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/asvs.md").read_text())
# Levels 1 and 2 of version 5.0.0: sections, and the number of the last requirement in each, as
# levels rise within a section.
SECTIONS = """
1.1: 2, 1.2: 9, 1.3: 11, 1.4: 3, 1.5: 2,
2.1: 3, 2.2: 3, 2.3: 4, 2.4: 1,
3.2: 2, 3.3: 4, 3.4: 6, 3.5: 5, 3.7: 2,
4.1: 3, 4.2: 1, 4.3: 2, 4.4: 4,
5.1: 1, 5.2: 3, 5.3: 2, 5.4: 3,
6.1: 3, 6.2: 12, 6.3: 4, 6.4: 4, 6.5: 5, 6.6: 3, 6.8: 4,
7.1: 3, 7.2: 4, 7.3: 2, 7.4: 5, 7.5: 2, 7.6: 2,
8.1: 2, 8.2: 3, 8.3: 1, 8.4: 1,
9.1: 3, 9.2: 4,
10.1: 2, 10.2: 2, 10.3: 4, 10.4: 11, 10.5: 5, 10.6: 2, 10.7: 3,
11.1: 2, 11.2: 3, 11.3: 3, 11.4: 4, 11.5: 1, 11.6: 1,
12.1: 3, 12.2: 2, 12.3: 4,
13.1: 1, 13.2: 5, 13.3: 2, 13.4: 5,
14.1: 2, 14.2: 4, 14.3: 3,
15.1: 3, 15.2: 3, 15.3: 7,
16.1: 1, 16.2: 5, 16.3: 4, 16.4: 3, 16.5: 3,
17.1: 1, 17.2: 4, 17.3: 2
"""
STATES = ("met", "partly", "not applicable")


def requirements():
    """All requirements of levels 1 and 2, in order."""
    for each in SECTIONS.replace("\n", " ").split(","):
        section, last = each.split(":")
        yield from (f"{section.strip()}.{number + 1}" for number in range(int(last)))


def numbers_of(first, last):
    """Requirements of a row: one, or from one to another of the same section."""
    section, begin = first.rsplit(".", 1)
    end = last.rsplit(".", 1)[1] if last else begin
    return [f"{section}.{number}" for number in range(int(begin), int(end) + 1)]


@pytest.mark.parametrize(("first", "last", "state", "where"), ROWS)
def test_a_row_names_files_that_are_there(first, last, state, where):
    assert state.partition(":")[0] in STATES
    assert state.partition(": ")[2] or state == "met", "without a reason"
    files = re.findall(r"`([^`]+)`", where)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_requirement_stands_once():
    """Fails when a requirement is left out, stands twice, or is no requirement of level 2."""
    found = [each for first, last, *_rest in ROWS for each in numbers_of(first, last)]

    assert found == list(requirements())
    assert len(found) == 253
