"""Copies for one target each, encrypted to an operator's key, of either database."""

import shutil
import subprocess
import tracemalloc
from datetime import timedelta

import environ
import pyrage
import pytest
from sqlalchemy import NullPool, create_engine, text

from config import Settings
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.operations import backups, copy_files, databases
from forum.operations.copy_files import BadCopy
from tests import postgres
from tests.operations.test_backup import bring_back, lose
from tests.world import MORNING, World

pytestmark = pytest.mark.leaks
PARTS = ("content", "keys", "roots")


@pytest.fixture
def identity(tmp_path):
    """File with an operator's private key, as age-keygen writes one; `.public` beside it."""
    made = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# created: today\n# public key: {made.to_public()}\n{made}\n")
    path.with_suffix(".public").write_text(str(made.to_public()))
    return path


def back_up(world, folder, identity, *words):
    world.app.config["BACKUP_RECIPIENT"] = identity.with_suffix(".public").read_text()
    return world.app.test_cli_runner().invoke(args=["forum", "backup", str(folder), *words])


def apart(world, folder, identity):
    """A copy of each part, in a folder of its own."""
    made = []
    for part in PARTS:
        said = back_up(world, folder / part, identity, "--only", part)
        assert said.exit_code == 0, said.output
        made += (folder / part).iterdir()
    return made


def test_parts_lie_apart_and_open_with_the_private_key(world, tmp_path, monkeypatch, identity):
    """Fails when a part lies beside another, or can be read without the operator's key."""
    world.reply("ray", "About kestrels")
    paths = apart(world, tmp_path / "copies", identity)

    kinds = [path.name.rpartition("-2026")[0] for path in paths]
    assert kinds == ["database", "circle-keys", "root-keys"]
    root = (world.folder / "instance" / "root.key").read_bytes()
    for path in paths:
        content = path.read_bytes()
        assert content.startswith(b"age-encryption.org/v1\n-> X25519")
        assert not any(
            word in content for word in (b"SQLite", b"sha256", root, root.hex().encode())
        )
        assert path.stat().st_mode & 0o077 == 0
    blind = bring_back(world, monkeypatch, paths, "--verify")
    seen = bring_back(world, monkeypatch, paths, "--verify", "--identity", str(identity))
    lose(world)
    back = bring_back(world, monkeypatch, paths, "--identity", str(identity))

    assert "is encrypted: name your private key by --identity FILE." in blind.output
    assert seen.exit_code == 0, seen.output
    assert "sealed values open" in seen.output
    assert back.exit_code == 0, back.output
    world.cookies.clear()
    assert "About kestrels" in world.client("mo").get(world.thread).text
    assert not [*(world.folder / "instance").glob("copying-*")]


def test_age_itself_opens_a_copy(world, tmp_path, identity):
    if not shutil.which("age"):
        pytest.skip("not run: age is not here")
    [path, *_] = apart(world, tmp_path / "copies", identity)

    opened = subprocess.run(  # noqa: S603  # words of our own
        ["age", "--decrypt", "-i", identity, path],  # noqa: S607
        capture_output=True,
        check=True,
    ).stdout

    assert b'"kind": "database"' in opened.partition(b"\n")[0]


def test_a_part_alone_needs_a_public_key(world, tmp_path):
    answer = world.app.test_cli_runner().invoke(
        args=["forum", "backup", str(tmp_path / "b"), "--only", "roots"]
    )

    assert answer.exit_code == 1
    assert "put its public half into .env as BACKUP_RECIPIENT" in answer.output
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("how", ["cut", "changed", "longer", "another key", "another text"])
def test_an_encrypted_copy_that_is_not_whole_is_refused(world, tmp_path, identity, how):
    """Fails when what can be decrypted is taken for what was written."""
    [_, path, _] = apart(world, tmp_path / "copies", identity)
    content = bytearray(path.read_bytes())
    if how == "cut":
        del content[-1000:]
    elif how == "changed":
        content[len(content) // 2] ^= 1
    elif how == "longer":
        content += b"x"
    elif how == "another key":
        other = pyrage.x25519.Identity.generate()
        identity.write_text(str(other))
    else:
        known = pyrage.x25519.Recipient.from_str(identity.with_suffix(".public").read_text())
        content = pyrage.encrypt(b'{"kind": "root-keys"}\nnothing of ours' * 900, [known])
    path.write_bytes(content)
    folder = tmp_path / "there"
    folder.mkdir()

    with pytest.raises(BadCopy, match=path.name):
        copy_files.read(path, folder, identity)


def test_a_month_of_nightly_copies_keeps_its_promise(world, tmp_path, monkeypatch, identity):
    """Fails when a copy outlives its days, replaces another, or the last cannot be restored."""
    last = {}
    for day in range(31):
        world.moment = MORNING + timedelta(days=day)
        if day == 30:
            world.reply("ray", "About kestrels")
        for path in apart(world, tmp_path / "copies", identity):
            last[path.name.rpartition("-2026")[0]] = path
    left = {part: sorted((tmp_path / "copies" / part).iterdir()) for part in PARTS}

    assert {part: len(paths) for part, paths in left.items()} == {
        "content": 30,
        "keys": 14,
        "roots": 31,
    }
    newest = [left[part][-1] for part in PARTS]
    seen = bring_back(world, monkeypatch, newest, "--verify", "--identity", str(identity))
    assert seen.exit_code == 0, seen.output


def test_a_copy_is_streamed_whatever_its_size(tmp_path, identity):
    """Fails when a file is held in memory: of a database of some size, three times of it."""
    size = 64 << 20
    big, public = tmp_path / "big", identity.with_suffix(".public").read_text()
    with big.open("wb") as file:
        file.truncate(size)
    there = tmp_path / "there"
    there.mkdir()

    tracemalloc.start()
    for recipient in ("", public):
        [path] = copy_files.write(
            tmp_path / f"copies{bool(recipient)}", "2026-03-02T10", {"database": big}, recipient
        )
        copy = copy_files.read(path, there, identity)
        assert copy.content.stat().st_size == size
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < size / 8


def test_of_two_backups_at_once_the_second_is_refused(world, tmp_path, identity):
    with world.app.app_context(), backups._drafts():
        refused = back_up(world, tmp_path / "b", identity, "--only", "content")

    assert refused.exit_code == 1
    assert "Another backup is being made." in refused.output
    assert back_up(world, tmp_path / "b", identity, "--only", "content").exit_code == 0


@pytest.mark.parametrize(
    ("words", "is_closing"), [((), True), (("--closings", "call-off"), False)], ids=str
)
def test_restoring_asks_about_closings(world, tmp_path, monkeypatch, identity, words, is_closing):
    """Fails when a circle closes that had called its closing off since the backup."""
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).closes_on = MORNING.date() + timedelta(days=3)
    paths = apart(world, tmp_path / "copies", identity)
    lose(world)

    back = bring_back(world, monkeypatch, paths, "--identity", str(identity), *words)

    assert back.exit_code == 0, back.output
    assert ("1 circle was being closed" in back.output) == is_closing
    with world.app.app_context():
        closes_on = db.session.get(Circle, world.ids["rose"]).closes_on
    assert closes_on == (MORNING.date() + timedelta(days=30) if is_closing else None)
    world.cookies.clear()
    log = world.client("mo").get(f"/circles/{world.ids['rose']}/log").text
    assert ("That had been stopped since, and stays so." in log) != is_closing


def test_postgresql_goes_the_same_way(tmp_path, monkeypatch, identity):
    """Fails when a dump is not restored whole, or sessions outlive it."""
    with postgres.server() as address:
        kept_open = {"SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool}}  # no connection
        world = World(tmp_path / "world", SQLALCHEMY_DATABASE_URI=address, **kept_open)
        monkeypatch.setattr("config.SET", environ.to_config(Settings, {"DATABASE_URL": address}))
        world.reply("ray", "About kestrels")
        signed_in = world.client("mo")
        paths = apart(world, tmp_path / "copies", identity)
        with world.app.app_context():
            db.session.remove()
            db.engine.dispose()

        seen = bring_back(world, monkeypatch, paths, "--verify", "--identity", str(identity))
        refused = bring_back(world, monkeypatch, paths, "--identity", str(identity))
        lose_everything(world, address)
        back = bring_back(world, monkeypatch, paths, "--identity", str(identity))

        assert seen.exit_code == 0, seen.output
        assert "sealed values open" in seen.output
        assert "There is already a database here." in refused.output
        assert back.exit_code == 0, back.output
        assert signed_in.get("/").location == "/sign-in"
        world.cookies.clear()
        assert "About kestrels" in world.client("mo").get(world.thread).text
        assert left_over(address) == []
        with world.app.app_context():
            db.session.remove()
            db.engine.dispose()


def lose_everything(world, address):
    lose(world)
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def left_over(address):
    """Databases in which a copy was looked at, and which should be gone."""
    engine = create_engine(address)
    asked = text("SELECT datname FROM pg_database WHERE datname LIKE :name")
    with engine.connect() as connection:
        found = [*connection.scalars(asked, {"name": f"{databases.SCRATCH}%"})]
    engine.dispose()
    return found
