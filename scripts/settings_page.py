#!/usr/bin/env python3
"""Write docs/operating/settings.md, from the table of settings in config.py: `make settings`."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import environ

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "operating" / "settings.md"
HEAD = """# Settings

Lines `NAME=value` of the file `.env` beside the README, or variables of the environment; a line of
the file wins. What follows the `=` is taken as it stands, blanks, `$` and `#` too; quotes around
all of it are left out. A blank one counts as not set. One that is not understood stops the start,
and the forum says its name and what it takes.
`make settings` writes this page, from `Settings` in `config.py`.

| setting | what it says, and what it takes | where it is not set |
|---|---|---|
"""


def page() -> str:
    """Markdown of the page."""
    sys.path.insert(0, str(ROOT))
    from config import Settings

    return environ.generate_help(Settings, formatter=_table)


def _table(settings: Iterable[Mapping[str, Any]]) -> str:
    rows = (
        f"| `{each['var_name']}` | {each['help_str']} | {_default(each)} |\n" for each in settings
    )
    return HEAD + "".join(rows)


def _default(setting: Mapping[str, Any]) -> str:
    return f"`{setting['default']}`" if setting["default"] else "nothing"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
