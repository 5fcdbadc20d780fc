"""Pages of docs/operating: every command, file, unit and link named there exists."""

import os
import re
from pathlib import Path

import click
import pytest

from forum.cli import commands

HERE = Path(__file__).parents[2]
PAGES = sorted((HERE / "docs" / "operating").glob("*.md"))
UNITS = {path.name for path in (HERE / "deploy" / "systemd").iterdir()}


def named(pattern):
    """All that a pattern finds, with the page where it stands."""
    return [(page.name, each) for page in PAGES for each in re.findall(pattern, page.read_text())]


def test_each_command_of_the_handbook_exists():
    """Fails when a command or an option is renamed and the handbook keeps the old name."""
    for page, line in named(r"scripts/forum ([a-z][^\n`|]*)"):
        command, words = commands, line.split()
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command, (page, line)
        known = {name for option in command.params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known, (page, line)


@pytest.mark.parametrize("kind", ["scripts", "deploy", "docs"])
def test_each_file_of_the_handbook_exists(kind):
    for page, path in named(rf"(?<![\w/])({kind}/[\w./-]+\w)"):
        assert (HERE / path).exists(), (page, path)
        if kind == "scripts":
            assert os.access(HERE / path, os.X_OK), (page, path)


def test_each_unit_of_the_handbook_exists():
    for page, unit in named(r"\b(forum-[a-z]+(?:\.\w+)?)\b"):
        assert {unit, f"{unit}.service"} & UNITS, (page, unit)


def test_each_link_of_the_handbook_leads_somewhere():
    for page, target in named(r"\]\(([^)#]+)\)"):
        assert (HERE / "docs" / "operating" / target).exists(), (page, target)


def test_the_contents_list_each_page():
    contents = (HERE / "docs" / "operating" / "README.md").read_text()

    assert {f"({page.name})" for page in PAGES if page.name != "README.md"} <= set(
        re.findall(r"\([\w.]+\.md\)", contents)
    )
