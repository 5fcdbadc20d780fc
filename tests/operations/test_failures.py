"""Commands that fail: a sentence for the operator, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path
from random import randbytes

import pytest

HERE = Path(__file__).parents[2]
NOWHERE = "postgresql+psycopg://forum:hidden-word@127.0.0.1:1/forum"


def forum(folder, *words, module=("flask", "forum"), **settings):
    """Output and status of a command in a process of its own."""
    plain = {"PATH": os.environ["PATH"], "FORUM_INSTANCE": str(folder)}
    done = subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-m", *module, *words],
        env=plain | settings,
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "setup-link", "reindex"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "The database's tables are not those of this release."),
        ({"DATABASE_URL": NOWHERE}, "The database cannot be used: "),
        ({"DATABASE_URL": "sqlite:////nowhere/forum.db"}, "The database cannot be used: "),
        ({"ROOT_KEY_FILE": "/nowhere/root.key"}, "No such file or directory: /nowhere/root.key"),
    ],
    ids=["no tables", "no server", "no folder", "no key"],
)
def test_a_failing_command_says_a_sentence(tmp_path, command, settings, said):
    status, output = forum(tmp_path / "instance", command, **settings)

    assert status == 1
    assert said in output
    assert "Traceback" not in output
    assert "hidden-word" not in output


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    status, output = forum(tmp_path / "file" / "instance", "check")

    assert status == 1
    assert "cannot be used: Not a directory." in output
    assert "Traceback" not in output


def test_a_bug_is_named_without_its_message(world, monkeypatch):
    """Fails when an exception's message, which may hold texts, reaches a terminal."""
    monkeypatch.delitem(world.app.config, "SITE_URL")

    answer = world.app.test_cli_runner().invoke(args=["forum", "reset-link", "ray@example.org"])

    assert answer.exit_code == 1
    assert "This is a mistake of the forum, and nothing you typed: " in answer.output
    assert "ray" not in answer.output


@pytest.mark.parametrize(("mode", "status"), [(0o400, 0), (0o440, 0), (0o444, 1)])
def test_root_keys_come_from_the_credentials_of_systemd(tmp_path, mode, status):
    """Fails when an access list's mask, which shows as the group's bits, is taken for a reader."""
    key = tmp_path / "keys" / "keys_root.key"
    key.parent.mkdir()
    key.write_bytes(randbytes(32))
    key.chmod(mode)

    given = {"CREDENTIALS_DIRECTORY": str(key.parent)}
    found, output = forum(tmp_path / "instance", "--help", module=("forum.cli",), **given)
    assert found == 0, output
    started, output = forum(tmp_path / "instance", "setup-link", "--help", **given)

    assert started == status, output
    assert not (tmp_path / "instance" / "root.key").exists()
