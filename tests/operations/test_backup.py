"""Copies of the forum, and the way back: D3, D5 and C15 of what must hold."""

import re
from pathlib import Path
from shutil import move

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from forum.circles.models import Circle
from forum.core.db import db
from forum.core.keys import key_ring
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.operations import backups
from forum.operations.commands import restore
from tests.notifications.post import ring as ring_the_worker
from tests.postoffice import PostOffice
from tests.world import MORNING, World

pytestmark = pytest.mark.leaks


def backed_up(world, folder):
    with world.app.app_context():
        return backups.back_up(folder)


def bring_back(world, monkeypatch, paths, *words):
    """`flask forum restore …`, typed where the world's instance is."""
    monkeypatch.setenv("FORUM_INSTANCE", str(world.folder / "instance"))

    def load(*_):
        world.restart()
        return world.app

    info = ScriptInfo(create_app=load)
    return CliRunner().invoke(restore, [*words, *map(str, paths)], obj=info)


def lose(world, *kept):
    """All files of an instance are gone, but for these."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    folder = world.folder / "instance"
    gone = folder.with_name("gone")
    folder.rename(gone)
    folder.mkdir(mode=0o700)
    for name in kept:
        move(gone / name, folder / name)


def plain(answer):
    return re.sub(r"value=\S+|/posts/[\w-]+", "", answer.text)


@pytest.mark.proof("D5")
def test_restore_drill(world, tmp_path, monkeypatch):
    """D5. What comes back is what was there. Fails where the key store is left out."""
    world.reply("ray", "About kestrels")
    who = ("mo", "fay", "ivy")
    before = {each: plain(world.client(each).get(world.thread)) for each in who for _ in range(2)}
    paths = backed_up(world, tmp_path / "copies")
    lose(world)

    answer = bring_back(world, monkeypatch, paths)

    assert answer.exit_code == 0, answer.output
    world.cookies.clear()
    assert {each: plain(world.client(each).get(world.thread)) for each in who} == before
    assert "About kestrels" in before["mo"]
    assert "kestrels" in world.client("mo").search("kestrels").text


def test_copies_are_three_and_none_says_a_word_alone(world, tmp_path):
    world.reply("ray", "About kestrels")
    paths = backed_up(world, tmp_path / "copies")

    kinds = [path.name.rpartition("-2026")[0] for path in paths]
    assert kinds == ["database", "circle-keys", "root-keys"]
    for path in paths:
        content = path.read_bytes()
        assert not any(word in content for word in (b"kestrels", b"Rose", b"ray@example.org"))
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("which", [0, 1, 2], ids=["database", "circle keys", "root keys"])
@pytest.mark.parametrize("where", [0.0, 0.001, 0.3, 0.99], ids=str)
@pytest.mark.proof("D5")
def test_a_copy_with_one_byte_changed_is_refused_by_name(
    world, tmp_path, monkeypatch, which, where
):
    """Fails when the digest of a copy is not compared."""
    paths = backed_up(world, tmp_path / "copies")
    content = bytearray(paths[which].read_bytes())
    content[int(where * len(content))] ^= 1
    paths[which].write_bytes(content)

    looked = bring_back(world, monkeypatch, paths, "--verify")
    lose(world)
    brought = bring_back(world, monkeypatch, paths)

    for answer in (looked, brought):
        assert answer.exit_code == 1
        assert paths[which].name in answer.output
    assert not (world.folder / "instance" / "forum.db").exists()


def test_looking_at_copies_touches_nothing(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")
    folder = world.folder / "instance"
    before = {path: path.read_bytes() for path in folder.iterdir() if "-shm" not in path.name}

    answer = bring_back(world, monkeypatch, paths, "--verify")

    assert answer.exit_code == 0, answer.output
    assert answer.output.endswith("All is well.\n")
    assert "sealed values open" in answer.output
    assert {path: path.read_bytes() for path in before} == before


def test_a_copy_says_so_where_its_keys_are_others(world, tmp_path, monkeypatch):
    database, store, _ = backed_up(world, tmp_path / "copies")
    *_, roots = backed_up(World(tmp_path / "other", seed=8), tmp_path / "others")

    answer = bring_back(world, monkeypatch, [database, store, roots], "--verify")

    assert answer.exit_code == 1
    assert "BAD circle-keys.db was made under another root key." in answer.output


def test_a_forum_is_never_written_over(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")

    answer = bring_back(world, monkeypatch, paths)

    assert answer.exit_code == 1
    assert "There is a forum here already." in answer.output


def test_all_three_are_needed(world, tmp_path, monkeypatch):
    answer = bring_back(world, monkeypatch, backed_up(world, tmp_path / "copies")[:2], "--verify")

    assert "All three files are needed; root-keys is not among them." in answer.output


@pytest.mark.proof("D3")
def test_crypto_shred(world, tmp_path, monkeypatch):
    """D3. A circle that was closed stays closed, whatever is brought back. Fails where restoring
    forgets which keys were destroyed here."""
    world.reply("ray", "About kestrels")
    paths = backed_up(world, tmp_path / "copies")
    with world.app.app_context():
        key_ring().destroy_circle(world.ids["rose"])
    lose(world, "circle-keys.db", "root.key")

    answer = bring_back(world, monkeypatch, paths)

    assert answer.exit_code == 0, answer.output
    world.cookies.clear()
    assert world.client("mo").get(world.thread).status_code == 404
    assert "Rose" not in world.client("mo").get("/").text
    with world.app.app_context():
        assert db.session.get(Circle, world.ids["rose"])  # its rows are there, and say nothing
        assert not key_ring().keeps(world.ids["rose"])


def test_a_restored_forum_writes_to_nobody_and_keeps_nobody_signed_in(world, tmp_path, monkeypatch):
    """C15. Fails where letters that waited, or digests that were due, are left to the worker."""
    with PostOffice() as office:
        office.serves(world)
        with world.app.app_context():
            digests.begin_all()
        client = world.client("mo")
        world.reply("ray", "New to everyone")
        world.client("sol").submit("/account/address", address="new@example.org", password="x")
        world.moment = MORNING.replace(day=3, hour=7, minute=15)
        paths = backed_up(world, tmp_path / "copies")
        lose(world)

        assert bring_back(world, monkeypatch, paths).exit_code == 0
        office.serves(world)
        ring_the_worker(world)

        assert office.letters == []
        with world.app.app_context():
            assert db.session.query(OutgoingMail).count() == 0
        assert client.get("/").location == "/sign-in"


def test_what_is_no_copy_is_refused(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")
    other = Path(tmp_path / "note.txt")
    other.write_text("nothing of ours\nat all")

    answer = bring_back(world, monkeypatch, [*paths[:2], other], "--verify")

    assert answer.exit_code == 1
    assert "note.txt is no file of a backup" in answer.output
