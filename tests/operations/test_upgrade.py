"""`scripts/forum upgrade` and back: from every earlier schema, after a copy, or not at all."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from shutil import copytree, rmtree

import pytest
from alembic import command
from flask_migrate import stamp
from flask_migrate import upgrade as flask_upgrade
from sqlalchemy import NullPool, select, text

from forum.core import host_locks
from forum.core.db import db
from forum.core.instance_lock import share
from forum.core.version import VERSION
from forum.discussions.models import Reply
from forum.operations import schema, upgrades
from tests import engine, postgres
from tests.core.test_migrations import VERSIONS
from tests.killing import killed
from tests.operations.lived_in import lived_in
from tests.world import World

FULL = bool(os.environ.get("PROOF"))
ALL = sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
EARLIER = ALL[:-1] if FULL else ["0001", "0009", "0021", ALL[-2]]
# Parts that tables lacked, or had besides, in migrations as they first ran: (revision, statements).
REWRITTEN = {
    "no words on an invitation": ("0002", ["ALTER TABLE invitation DROP COLUMN for_whom"]),
    "no plan of emails": (
        "0005",
        ["DROP TABLE mail_plan", "ALTER TABLE outgoing_mail DROP COLUMN log_mark"],
    ),
    "no lists": (
        "0015",
        [
            *(f"ALTER TABLE {each} DROP COLUMN gist" for each in ("reply", "thread")),
            *(f"ALTER TABLE {each} DROP COLUMN topics" for each in ("circle", "thread")),
        ],
    ),
    "a column of old": (
        "0030",
        ["ALTER TABLE circle ADD COLUMN of_old INTEGER NOT NULL DEFAULT 0"],
    ),
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A world in which much was done, on tables that the migrations made, in SQLite's file."""
    if engine.IS_POSTGRESQL:
        pytest.skip("not run: of SQLite's file")
    world = lived_in(tmp_path_factory.mktemp("lived"))
    path = world.folder / "instance" / "forum.db"
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
        path.rename(path.with_name("by-models.db"))
        flask_upgrade()
        db.session.remove()
        db.engine.dispose()
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("ATTACH ? AS other", [str(path.with_name("by-models.db"))])
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
        for (table,) in made.execute(asked).fetchall():
            names = ", ".join(row[1] for row in made.execute(f"PRAGMA table_info({table})"))
            copied = f"INSERT INTO {table} ({names}) SELECT {names} FROM other.{table}"
            made.execute(copied)
    path.with_name("by-models.db").unlink()
    return world


@pytest.fixture
def world(lived, tmp_path):
    """A copy of it, with a process of its own."""
    with lived.app.app_context():
        db.session.remove()
        db.engine.dispose()
    folder = tmp_path / "copy"
    copytree(lived.folder, folder)
    copy = object.__new__(World)
    vars(copy).update(vars(lived) | {"folder": folder, "cookies": {}})
    copy.settings = lived.settings | {"MAIL_SERVER": ""}
    copy.restart()
    yield copy
    with copy.app.app_context():
        db.session.remove()
        db.engine.dispose()


def run(world, *words):
    answer = world.app.test_cli_runner().invoke(args=["forum", "upgrade", *words])
    return answer.exit_code, answer.output


def bring_down(world, revision):
    with world.app.app_context():
        command.downgrade(schema.config(), revision)
        db.session.remove()


def change(world, *statements):
    with world.app.app_context(), db.engine.begin() as connection:
        for each in statements:
            connection.execute(text(each))


def revision(world):
    with world.app.app_context():
        return schema.revision()


def content(world):
    """Every row of the database, as statements."""
    with world.app.app_context(), db.engine.connect() as connection:
        return [*connection.connection.driver_connection.iterdump()]


def check(world):
    return world.app.test_cli_runner().invoke(args=["forum", "check"]).output


@pytest.mark.proof("D6")
@pytest.mark.parametrize("before", EARLIER)
def test_an_instance_of_every_earlier_schema_comes_up_whole(world, before):
    """Fails when an upgrade leaves a table, a key or a word behind."""
    bring_down(world, before)

    status, said = run(world)

    assert status == 0, said
    assert said.endswith(f"The tables are those of release {VERSION}. Start the forum.\n")
    assert revision(world) == ALL[-1]
    if before == "0002":  # on the way down hidden posts show again, which the index left out
        rmtree(world.app.config["SEARCH_INDEX"])
        world.app.test_cli_runner().invoke(args=["forum", "reindex"])
    bad = [line for line in check(world).splitlines() if line.startswith("BAD")]
    assert before == "0001" or bad == []  # on the way down to it, lines and posts go
    assert "In the open, redshank" in world.client("mo").get(world.thread).text
    assert run(world) == (0, f"The tables are those of release {VERSION} already.\n")
    assert run(world, "--quiet") == (0, "")


@pytest.mark.parametrize("name", REWRITTEN)
def test_an_instance_of_a_rewritten_migration_comes_up_whole(world, name):
    """Fails when an old instance gets this release's number without its tables."""
    before, statements = REWRITTEN[name]
    bring_down(world, before)
    change(world, *statements)

    status, said = run(world)

    assert status == 0, said
    assert "An early release left these out; they were added: " in said
    with world.app.app_context():
        assert schema.differences() == []
    assert "In the open, redshank" in world.client("mo").get(world.thread).text


def test_going_back_to_a_named_program_moves_tables_only_if_they_differ(world):
    """Fails when tables go back behind the program that comes back, after two installations."""
    bring_down(world, "0021")
    assert run(world)[0] == 0

    status, said = run(world, "--back", "--to", ALL[-1])

    assert (status, revision(world)) == (0, ALL[-1]), said
    assert "Copying" not in said  # nothing is changed, and nobody waits
    assert run(world, "--back", "--to", "0030")[0] == 0
    assert revision(world) == "0030"
    refused = run(world, "--back", "--to", "9999")
    assert refused == (1, "Error: This release does not know the tables of that program.\n")


def test_nothing_starts_on_tables_of_another_release(world):
    """Fails when pages answer an error each, since their tables are of before."""
    bring_down(world, "0040")

    with world.app.app_context():
        answer = world.app.test_cli_runner().invoke(args=["forum", "ready"])

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The tables are of another release.")


def test_check_compares_tables_and_not_numbers(world):
    change(world, "ALTER TABLE circle ADD COLUMN of_old INTEGER")

    assert "BAD The database tables differ from this release in circle.of_old," in check(world)


def test_a_failed_upgrade_changes_nothing(world):
    """Fails when some migrations stay although a later one failed."""
    bring_down(world, "0021")
    change(world, "CREATE TABLE applicant (id INTEGER)")  # in the way of a later one
    before = content(world)

    status, said = run(world)

    assert status == 1
    assert "That failed. Putting the copy back." in said
    assert "The tables are as they were before" in said
    assert "Traceback" not in said
    assert revision(world) == "0021"
    assert content(world) == before
    change(world, "DROP TABLE applicant")
    assert run(world)[0] == 0


@pytest.mark.parametrize("step", [3, 40, 90])
def test_a_killed_upgrade_goes_on_when_run_again(world, step):
    """Fails when a machine that loses power leaves tables that no release knows."""
    bring_down(world, "0009")

    came_so_far = killed(world, lambda: run(world), step)

    assert came_so_far
    status, said = run(world)
    assert status == 0, said
    assert "BAD" not in check(world)


def test_a_running_forum_is_not_upgraded(world):
    bring_down(world, "0021")
    share(world.folder / "instance")  # as web and worker do

    status, said = run(world)

    assert (status, revision(world)) == (1, "0021")
    assert "Stop the forum first (web and worker), then run this again." in said


@pytest.mark.parametrize("words", [(), ("--back", "--to", "0021")], ids=["upgrade", "back"])
def test_the_second_of_two_at_once_changes_nothing(world, monkeypatch, words):
    """Fails when tables are looked at before the lock alone: the copy made before the first would
    be replaced by one made after it.
    """
    bring_down(world, "0021")
    if words:
        run(world)
    after, alone, copies = "0021" if words else ALL[-1], upgrades.alone, []

    def meanwhile(*places):
        monkeypatch.setattr(upgrades, "alone", alone)
        assert run(world, *words)[0] == 0
        copies.extend(kept_copies(world))
        return alone(*places)

    monkeypatch.setattr(upgrades, "alone", meanwhile)
    status, said = run(world, *words)

    assert (status, revision(world)) == (0, after), said
    assert "Copying" not in said
    assert kept_copies(world) == copies != []


def kept_copies(world):
    """Names and contents of the copies beside the database."""
    folder = world.folder / "instance" / upgrades.FOLDER
    return sorted((path.name, path.read_bytes()) for path in folder.glob("*.backup"))


def test_an_upgrade_without_room_does_not_begin(world, monkeypatch):
    bring_down(world, "0021")
    monkeypatch.setattr(upgrades, "ROOM", 10**9)

    status, said = run(world)

    assert (status, revision(world)) == (1, "0021")
    assert "MB free: a copy is made, and tables are written anew. Nothing was changed." in said


def test_going_back_keeps_what_was_written_since(world):
    """Fails when the way back is an old copy, or opens a session that was ended to a program that
    knows nothing of it.
    """
    bring_down(world, "0021")
    run(world)
    world.client("ray").get("/")
    world.reply("fay", "Written since, ruff")

    status, said = run(world, "--back")

    assert status == 0, said
    assert said.endswith("The tables are those of revision 0021. Start the release before.\n")
    assert revision(world) == "0021"
    with world.app.app_context(), db.engine.connect() as rows:
        assert rows.execute(text("SELECT count(*) FROM session")).scalar() == 0
    assert "there is no way back" in run(world, "--back")[1]
    assert run(world)[0] == 0
    assert "Written since, ruff" in world.client("mo").get(world.thread).text


def test_copies_of_upgrades_do_not_pile_up(world):
    for _ in range(2):
        bring_down(world, ALL[-2])
        run(world)

    folder = world.folder / "instance" / upgrades.FOLDER
    kinds = sorted(path.name.rpartition("-20")[0] for path in folder.glob("*.backup"))
    assert kinds == ["circle-keys", "database"]
    assert folder.stat().st_mode & 0o077 == 0


def test_copies_of_upgrades_go_with_old_backups(world, tmp_path):
    """Fails when deleted texts outlive the 30 days that pages promise, beside the database."""
    bring_down(world, ALL[-2])
    run(world)
    folder, left = world.folder / "instance" / upgrades.FOLDER, []
    begun = world.moment
    for days in (13, 14, 30):
        world.moment = begun + timedelta(days=days)
        backup = ["forum", "backup", str(tmp_path / "copies")]
        assert world.app.test_cli_runner().invoke(args=backup).exit_code == 0
        left.append(sorted(path.name.rpartition("-20")[0] for path in folder.glob("*.backup")))

    assert left == [["circle-keys", "database"], ["database"], []]


def test_postgresql_is_upgraded_and_brought_back(tmp_path):
    """Fails when a migration cannot run there, or makes other tables than the models."""
    with postgres.server() as address:
        kept_open = {"SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool}}  # no connection
        world = World(
            tmp_path / "world", SQLALCHEMY_DATABASE_URI=address, LOCKS_URL=address, **kept_open
        )
        world.reply("ray", "About kestrels")
        with world.app.app_context():
            stamp()
        bring_down(world, "0013")

        with host_locks.alone(tmp_path, address):  # as an upgrade on another host does
            refused = run(world)
        answers = [run(world), run(world, "--back"), run(world)]

        assert refused[0] == 1
        assert "or wait for the command that runs on another host." in refused[1]
        assert [status for status, _ in answers] == [0, 0, 0], answers
        with world.app.app_context():
            assert schema.differences() == []
            assert db.session.scalars(select(Reply)).one().kind
        assert "About kestrels" in world.client("mo").get(world.thread).text
        with world.app.app_context():
            db.session.remove()
            db.engine.dispose()
