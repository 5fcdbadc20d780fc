"""docs/asvs.md: every row has a state, and names files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (\d[\d.]*) \|.*\| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/asvs.md").read_text())


@pytest.mark.parametrize(("number", "state", "where"), ROWS)
def test_a_row_names_files_that_are_there(number, state, where):
    assert state.partition(":")[0] in ("met", "partly", "not applicable")
    files = re.findall(r"`([^`]+)`", where)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_no_requirement_stands_twice():
    numbers = [number for number, _state, _where in ROWS]
    assert len(numbers) == len(set(numbers)) > 40
