"""The README's steps, followed on a fresh copy."""

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from socket import create_connection

import pytest

HERE = Path(__file__).parents[1]
SETTINGS = """FORUM_ENV=production
SITE_URL=https://circles.example.org
OPERATOR="Rose Practice"    # holder of the keys
"""
OURS = ("FORUM_", "MAIL_", "SITE_", "DATABASE_", "REDIS_", "ROOT_", "FLASK_", "BIND", "OPERATOR")


@pytest.fixture
def place(tmp_path):
    """A copy of the project in a folder with a space in its name, with production settings."""
    place = tmp_path / "our forum"
    for name in ("forum", "templates", "static", "scripts"):
        copytree(HERE / name, place / name, ignore=ignore_patterns("__pycache__"))
    for name in ("config.py", "wsgi.py", "Procfile"):
        (place / name).write_bytes((HERE / name).read_bytes())
    (place / ".env").write_text(SETTINGS)
    (place / ".venv").symlink_to(sys.prefix)
    return place


def surroundings():
    """An environment without settings of a forum, and only the system's programs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        return plain | {"PATH": "/usr/bin:/bin", "PORT": str(free.getsockname()[1])}


def forum(place, *words, status=0):
    """Output of `scripts/forum`, called from another folder."""
    done = subprocess.run(  # noqa: S603  # words of our own
        [place / "scripts" / "forum", *words],
        cwd="/",
        env=surroundings(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


@contextmanager
def running(place):
    """Output of `scripts/run` until it responds; ended afterwards."""
    here = surroundings()
    process = subprocess.Popen(  # noqa: S603  # words of our own
        [place / "scripts" / "run"],
        cwd="/",
        env=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        begun = until(process.stdout, "answers at")
        with create_connection(("127.0.0.1", int(here["PORT"])), timeout=5):
            yield begun  # it answers by then
    finally:
        process.terminate()
        process.communicate(timeout=30)  # honcho ends its children


def until(lines, word):
    said = ""
    for line in lines:
        said += line
        if word in line:
            break
    return said


def test_readme_steps_start_a_real_forum(place):
    """Fails when a start in production prints a link that makes the first account."""
    made = forum(place, "root-key")
    again = forum(place, "root-key", status=1)
    with running(place) as begun:
        link = forum(place, "setup-link", "--show")
        forum(place, "setup-link")
        filed = place / "instance" / "set-up-link"
        assert filed.stat().st_mode & 0o777 == 0o600
        assert re.fullmatch(r"https://circles\.example\.org/set-up/\S{43}\n", filed.read_text())
        help_ = forum(place, "--help")

    key = place / "instance" / "root.key"
    assert f"Made {key}" in made
    assert key.stat().st_mode & 0o777 == 0o400
    assert "already exists" in again
    assert "The forum answers at https://circles.example.org." in begun
    assert re.search(r"https://circles\.example\.org/set-up/\S{43}", link)
    assert "/set-up/" not in begun  # collected in a log
    assert f"is in {place}/instance/set-up-link" in begun
    assert "Look after this forum." in help_
    assert not re.search("Warning|Tip", made + link + help_)


def test_missing_environment_is_explained(place):
    (place / ".venv").unlink()

    assert forum(place, "setup-link", status=1) == "Not installed yet. Run: make install\n"


def test_readme_names_only_existing_files():
    readme, targets = (HERE / "README.md").read_text(), (HERE / "Makefile").read_text()

    for name in re.findall(r"\bmake ([a-z]+)", readme):
        assert f"\n{name}: " in targets, name
    for name in re.findall(r"\bscripts/([a-z]+)", readme):
        assert os.access(HERE / "scripts" / name, os.X_OK), name
    assert "flask forum" not in readme
