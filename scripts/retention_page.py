#!/usr/bin/env python3
"""Write docs/governance/retention.md, from the table of the code: `make retention`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "governance" / "retention.md"
HEAD = """# What is kept, how long, and what ends it

`make retention` writes this page from the table that the code keeps, in
`forum/operations/retention_periods.py`: its periods are the constants on which the worker acts.
Copies keep what ended for 30 days more, and no longer.

| what | where | how long | what ends it | shown by |
|---|---|---|---|---|
"""


def page() -> str:
    """Markdown of the page."""
    sys.path.insert(0, str(ROOT))
    from forum.operations.retention_periods import PERIODS

    rows = []
    for each in PERIODS:
        path, _, name = each.test.partition("::")
        test = f"[{name.removeprefix('test_').replace('_', ' ')}](../../{path})"
        rows.append(f"| {each.what} | {each.where} | {each.length} | {each.ends} | {test} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page())
