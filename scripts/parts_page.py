#!/usr/bin/env python3
"""Write docs/governance/parts.md: each pinned package with its version and licence."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "governance" / "parts.md"
HEAD = """# Parts and their licences

`make parts` writes this page from `requirements.txt` and from what each package says of itself. The
forum runs on these and on Python, SQLite or PostgreSQL; nothing else is fetched, at start or later.

| package | version | licence |
|---|---|---|
"""
PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
CLASS = "License :: OSI Approved :: "


def pins() -> list[tuple[str, str]]:
    """Name and version of each pinned package, by name."""
    return PIN.findall((ROOT / "requirements.txt").read_text())


def page() -> str:
    """Markdown of the page."""
    return HEAD + "".join(f"| {name} | {version} | {licence(name)} |\n" for name, version in pins())


def licence(name: str) -> str:
    """Licence of an installed package in few words; "see its file" where it gives a whole text."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    if expression := said.get("License-Expression"):
        return str(expression)
    if classes := [*_classes(said.get_all("Classifier") or [])]:
        return ", ".join(classes)
    text = said.get("License") or ""
    return text if 0 < len(text) < 60 and "\n" not in text else "see its file"


def _classes(classifiers: list[str]) -> Iterator[str]:
    yield from (each.removeprefix(CLASS) for each in classifiers if each.startswith(CLASS))


if __name__ == "__main__":
    PAGE.write_text(page())
