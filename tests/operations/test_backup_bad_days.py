"""Backups under adverse conditions: no unusable copy is ever reported as complete."""

import os
import resource
import signal
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, select

from forum.core.db import db
from forum.core.instance_lock import UNFINISHED
from forum.discussions.models import Reply
from forum.operations import backups, copy_files
from tests.engine import of_sqlite
from tests.killing import killed

pytestmark = pytest.mark.leaks
SAID = 7  # exit status of a reported fault


def back_up(world, folder):
    return world.app.test_cli_runner().invoke(args=["forum", "backup", str(folder)])


@pytest.mark.parametrize("kind", copy_files.KINDS)
def test_every_bit_of_the_first_line_counts(world, tmp_path, kind):
    """Fails when the digest omits any field of the line."""
    with world.app.app_context():
        [path] = [each for each in backups.back_up(tmp_path / "b") if each.name.startswith(kind)]
    whole = path.read_bytes()
    places = [*range(whole.index(b"\n") + 1), len(whole) // 2, len(whole) - 1]

    for at in places:
        for bit in range(8):
            harmed = bytearray(whole)
            harmed[at] ^= 1 << bit
            path.write_bytes(harmed)
            with pytest.raises(copy_files.BadCopy, match=path.name):
                copy_files.read(path)


def test_two_copies_of_a_kind_are_refused(world, tmp_path):
    with world.app.app_context():
        first, second = (backups.back_up(tmp_path / name) for name in ("one", "two"))

    with pytest.raises(copy_files.BadCopy, match="one file of each kind"):
        backups.verify([*first, second[1]])


def test_unfinished_rotation_refuses_a_backup(world, tmp_path):
    """Without the marker, rows would be looked up by the new key and stored under the old."""
    mark = world.folder / "instance" / UNFINISHED
    mark.write_text("2\n")
    refused = back_up(world, tmp_path / "there")
    mark.unlink()

    assert refused.exit_code == 1
    assert "The keys are being changed" in refused.output
    assert not (tmp_path / "there").exists()
    assert back_up(world, tmp_path / "there").exit_code == 0


@of_sqlite
@pytest.mark.parametrize("room", [0, 20_000], ids=["none", "little"])
def test_full_disk_is_reported_in_words(world, tmp_path, room):
    """Runs in a process with a file size limit, like a full disk."""
    folder = tmp_path / "there"
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        code = 0
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            world.chance.seed(os.getpid())  # a forked process would repeat ids
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            said = back_up(world, folder).output
            code = SAID if "could not be written" in said and "Traceback" not in said else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == SAID
    assert not folder.exists() or not list(folder.iterdir())
    assert back_up(world, folder).exit_code == 0


@of_sqlite
def test_backup_is_consistent_during_writes(world, tmp_path):
    """The copy holds every post acknowledged before it began, and opens entirely."""
    stop, written = Event(), []

    def write():
        while not stop.is_set():
            written.append(world.reply("fay", f"Written meanwhile {len(written)}"))

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            before = set(written)
            with world.app.app_context():
                paths = backups.back_up(tmp_path / str(number))
            assert all(each.is_well for each in backups.verify(paths))
            assert before <= posts_in(world, paths, tmp_path / f"back-{number}")
    finally:
        stop.set()
        writer.join()
    assert len(written) > 3


def posts_in(world, paths, folder):
    folder.mkdir()
    database = f"sqlite:///{folder / 'forum.db'}"
    target = backups.Installation(folder / "root.key", folder / "circle-keys.db", database)
    backups.restore(paths, target)
    engine = create_engine(target.database)
    with engine.connect() as connection:
        found = set(connection.scalars(select(Reply.id)))
    engine.dispose()
    return found


def test_killed_backup_leaves_no_valid_partial_file(world, tmp_path):
    came_so_far, step = True, 1
    while came_so_far:
        folder = tmp_path / str(step)
        came_so_far = killed(world, lambda to=folder: back_up(world, to), step, anywhere=True)
        for path in folder.glob("*.backup") if folder.exists() else ():
            copy_files.read(path)
        assert back_up(world, folder).exit_code == 0
        step += 2
    assert step > 8
    assert "Torn between two" in world.client("mo").get("/").text
