"""Backups and restoring: D3, D5 and C15."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import move

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import text

import config
from forum.accounts.models import Session
from forum.circles.models import Applicant, Circle, GroupLink, Invitation
from forum.core.db import db
from forum.core.keys import key_ring
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.operations import backups, databases
from forum.operations.commands import restore
from tests.circles import ways
from tests.engine import of_sqlite
from tests.notifications.post import ring as ring_the_worker
from tests.postoffice import PostOffice
from tests.world import MORNING, World

pytestmark = pytest.mark.leaks


def backed_up(world, folder):
    with world.app.app_context():
        return backups.back_up(folder)


def bring_back(world, monkeypatch, paths, *words):
    """Run `flask forum restore …` for the world's instance."""
    monkeypatch.setenv("FORUM_INSTANCE", str(world.folder / "instance"))
    if world.database:
        monkeypatch.setenv("DATABASE_URL", world.database)
        monkeypatch.setattr(config, "SET", config.settings())

    def load(*_):
        world.restart()
        return world.app

    info = ScriptInfo(create_app=load)
    return CliRunner().invoke(restore, [*words, *map(str, paths)], obj=info)


def lose(world, *kept):
    """Delete all files of an instance except `kept`, and what a server holds for it."""
    with world.app.app_context():
        db.session.remove()
        if world.database:
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
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
    """D5. Restoring brings everything back. Fails when the key store is left out."""
    world.reply("ray", "About kestrels")
    who = ("mo", "fay", "ivy")
    before = {each: plain(world.client(each).get(world.thread)) for each in who for _ in range(2)}
    paths = backed_up(world, tmp_path / "copies")
    lose(world)

    answer = bring_back(world, monkeypatch, paths)

    assert answer.exit_code == 0, answer.output
    for back in ("removed or suspended since is back", "passwords", "posts withdrawn since"):
        assert back in answer.output
    world.cookies.clear()
    assert {each: plain(world.client(each).get(world.thread)) for each in who} == before
    assert "About kestrels" in before["mo"]
    assert "kestrels" in world.client("mo").search("kestrels").text


def test_no_backup_file_is_readable_alone(world, tmp_path):
    world.reply("ray", "About kestrels")
    paths = backed_up(world, tmp_path / "copies")

    kinds = [path.name.rpartition("-2026")[0] for path in paths]
    assert kinds == ["database", "circle-keys", "root-keys"]
    for path in paths:
        content = path.read_bytes()
        assert not any(word in content for word in (b"kestrels", b"Rose", b"ray@example.org"))
        assert path.stat().st_mode & 0o077 == 0


@of_sqlite
@pytest.mark.proof("M4")
def test_no_backup_holds_the_order_of_writing(tmp_path):
    """Fails when SQLite's file is copied page by page: a long row goes on in the pages that were
    taken next, beside those of what was written before and after it.
    """
    world = World(tmp_path / "world")
    for number in range(12):
        world.reply("ray", f"{number} kestrels. " * 900)
    target = tmp_path / "copy.db"
    databases.copy_sqlite(world.folder / "instance" / "forum.db", target)
    with closing(sqlite3.connect(target)) as copy:
        ends = [row[0][-64:] for row in copy.execute("SELECT html FROM reply ORDER BY id")]
    content = target.read_bytes()

    places = [content.find(each) for each in ends]
    assert len(places) == 12
    assert places == sorted(places)
    assert min(places) > 0


@pytest.mark.parametrize("which", [0, 1, 2], ids=["database", "circle keys", "root keys"])
@pytest.mark.parametrize("where", [0.0, 0.001, 0.3, 0.99], ids=str)
@pytest.mark.proof("D5")
def test_copy_with_a_changed_byte_is_refused(world, tmp_path, monkeypatch, which, where):
    """Fails when a copy's digest is not compared."""
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


def test_verifying_a_backup_changes_nothing(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")
    folder = world.folder / "instance"
    before = {path: path.read_bytes() for path in folder.iterdir() if "-shm" not in path.name}

    answer = bring_back(world, monkeypatch, paths, "--verify")

    assert answer.exit_code == 0, answer.output
    assert answer.output.endswith("All checks passed.\n")
    assert "sealed values open" in answer.output
    assert {path: path.read_bytes() for path in before} == before


def test_backup_with_foreign_keys_is_reported(world, tmp_path, monkeypatch):
    database, store, _ = backed_up(world, tmp_path / "copies")
    *_, roots = backed_up(World(tmp_path / "other", seed=8), tmp_path / "others")

    answer = bring_back(world, monkeypatch, [database, store, roots], "--verify")

    assert answer.exit_code == 1
    assert "BAD circle-keys.db was made under another root key." in answer.output


def test_restore_never_overwrites_a_forum(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")

    answer = bring_back(world, monkeypatch, paths)

    assert answer.exit_code == 1
    assert "There is already a database here." in answer.output


def test_restore_needs_all_three_files(world, tmp_path, monkeypatch):
    answer = bring_back(world, monkeypatch, backed_up(world, tmp_path / "copies")[:2], "--verify")

    assert "All three files are needed; root-keys is not among them." in answer.output


@pytest.mark.proof("D3")
def test_crypto_shred(world, tmp_path, monkeypatch):
    """D3. A closed circle stays closed after any restore. Fails when restoring forgets destroyed
    keys."""
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
        assert db.session.get(Circle, world.ids["rose"])  # its rows exist, unreadable
        assert not key_ring().keeps(world.ids["rose"])


def test_restored_forum_sends_nothing_and_ends_sessions(world, tmp_path, monkeypatch):
    """C15. Fails when queued emails or due digests are left to the worker."""
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
        client.application = world.app  # the process that was begun on what was restored
        assert client.get("/").location == "/sign-in"


def test_a_restored_forum_has_no_way_in_of_before(world):
    """Fails when an invitation, a link or a request comes to life again with a restored copy."""
    ways.link(world)
    ways.waits(world, ways.group_link(world))
    tables = (Session, Invitation, GroupLink, Applicant)
    world.client("mo")
    assert 0 not in numbers(world, tables)

    with world.app.app_context():
        backups.begin_again()

    assert numbers(world, tables) == [0] * len(tables)


def numbers(world, tables):
    with world.app.app_context():
        return [db.session.query(table).count() for table in tables]


def test_foreign_file_is_refused(world, tmp_path, monkeypatch):
    paths = backed_up(world, tmp_path / "copies")
    other = Path(tmp_path / "note.txt")
    other.write_text("nothing of ours\nat all")

    answer = bring_back(world, monkeypatch, [*paths[:2], other], "--verify")

    assert answer.exit_code == 1
    assert "note.txt is no file of a backup" in answer.output


def test_a_backup_deletes_copies_past_their_time(world, tmp_path):
    """Fails when deleted texts outlive the 30 days that pages promise."""
    folder = tmp_path / "copies"
    first = {path.name.partition("-2")[0]: path for path in backed_up(world, folder)}
    others = "notes.backup", "database-2026-02-30T10.backup"  # of a day that no calendar has
    for name in others:
        (folder / name).write_text("not ours")
    pruned, hour = {}, MORNING.replace(minute=0)  # of their names
    for days in (13, 14, 29, 30):
        world.moment = hour + timedelta(days=days)
        with world.app.app_context():
            pruned[days] = backups.prune(folder)

    assert pruned == {13: [], 14: [first["circle-keys"]], 29: [], 30: [first["database"]]}
    assert {path.name for path in folder.iterdir()} == {first["root-keys"].name, *others}


def test_a_backup_deletes_what_a_killed_one_left(world, tmp_path):
    """Fails when a copy that was nearly written lies there for ever, under a name of no copy."""
    folder = tmp_path / "copies"
    whole = backed_up(world, folder)
    left = [path.with_name(f"{path.name}.draft") for path in whole]
    left.append(whole[0].with_name(f"{whole[0].name}.age.draft"))
    for path in left:
        path.write_bytes(whole[0].read_bytes())
    pruned, hour = {}, MORNING.replace(minute=0)  # of their names
    for hours in (23, 24):
        world.moment = hour + timedelta(hours=hours)
        with world.app.app_context():
            pruned[hours] = backups.prune(folder)

    assert pruned == {23: [], 24: sorted(left)}
    assert sorted(folder.iterdir()) == sorted(whole)


def test_a_second_backup_within_an_hour_replaces_nothing(world, tmp_path, monkeypatch):
    folder = tmp_path / "copies"
    first = backed_up(world, folder)
    held = {path: path.read_bytes() for path in first}
    world.reply("ray", "Written since.")

    second = backed_up(world, folder)
    third = backed_up(world, folder)

    assert len({*first, *second, *third}) == 9
    assert {path: path.read_bytes() for path in first} == held
    assert [path.name.rpartition("-")[2] for path in (*second, *third)] == [
        *["2.backup"] * 3,
        *["3.backup"] * 3,
    ]
    assert bring_back(world, monkeypatch, second, "--verify").exit_code == 0
