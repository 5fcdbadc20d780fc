"""`flask forum check`: each fault in a sentence, without secrets."""

import shutil
from datetime import timedelta

import pytest
from flask_migrate import stamp
from sqlalchemy import text, update

from bench import clusters
from bench.server import free_port
from forum.accounts.queries import account
from forum.audit import checkpoints
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.learning.models import LearningNote
from forum.search.engine import index, reader
from forum.search.services import build
from tests.journeys.installation import Installation
from tests.ports import wait_for_port
from tests.postoffice import PostOffice
from tests.rows import write_past_foreign_keys
from tests.safety.people import name_guardians
from tests.world import World


@pytest.fixture
def sound(world):
    """A world without faults."""
    with world.app.app_context():
        stamp()
        checkpoints.keep()
    return world


def check(world):
    answer = world.app.test_cli_runner().invoke(args=["forum", "check"])
    return answer.exit_code, answer.output


def bad(world):
    """The only finding with a fault."""
    status, said = check(world)
    assert status == 1
    [line] = [line for line in said.splitlines() if line.startswith("BAD ")]
    return line.removeprefix("BAD ")


def test_untouched_installation_is_well(sound):
    status, said = check(sound)

    assert (status, said.splitlines()[-1]) == (0, "All checks passed."), said
    assert "BAD" not in said
    for secret in ("Rose", "Dr Ray", "ray@example.org", "Torn between two"):
        assert secret not in said


@pytest.mark.leaks
@pytest.mark.skipif(not shutil.which("redis-server"), reason="not run: Redis is not installed")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ((), "BAD Redis writes to a disk at which second accounts posted"),
        (("--save", "", "--appendonly", "yes"), "BAD Redis writes to a disk"),
        (("--save", "", "--appendonly", "no"), "ok  Redis counts in memory alone."),
        (
            ("--save", "", "--rename-command", "CONFIG", ""),
            "SEE Redis could not be asked whether it writes to a disk.",
        ),
    ],
)
def test_counters_on_a_disk_are_told(tmp_path, settings, said):
    """Fails when Redis writes its counters to a file, as it does where nobody says otherwise: the
    end of one is the second of a post behind a hidden name, and a day."""
    port = free_port()
    address, words = f"redis://127.0.0.1:{port}/0", ("--dir", str(tmp_path), "--port", str(port))
    redis = clusters.Program(["redis-server", "--bind", "127.0.0.1", *words, *settings])
    redis.start()
    try:
        wait_for_port(port)
        counting = {"RATELIMIT_ENABLED": True, "RATELIMIT_STORAGE_URI": address}
        world = World(tmp_path / "world", REDIS_URL=address, **counting)
        lines = check(world)[1].splitlines()
    finally:
        redis.stop()

    assert [line for line in lines if line.startswith(said)], lines


def test_fewer_than_two_guardians_are_warned_of(sound):
    """Fails when an operator learns on the day that nobody can open a name."""
    lacks = "Fewer than two guardians can act: when a life is at stake"
    assert lacks in check(sound)[1]
    name_guardians(sound, "sol")
    assert lacks in check(sound)[1]

    name_guardians(sound, "nan")

    assert lacks not in check(sound)[1]
    assert "Two guardians or more can act when a life is at stake." in check(sound)[1]
    with sound.app.app_context(), unit_of_work():
        account(sound.ids["sol"]).totp_secret = b""  # they accepted, and cannot act
    assert lacks in check(sound)[1]


def test_key_readable_by_others_is_found(sound):
    path = sound.folder / "instance" / "circle-keys.db"
    path.chmod(0o644)

    assert bad(sound) == (
        "circle-keys.db can be read by other users of this machine (mode 644)."
        f" Run: chmod 600 {path}"
    )


def test_tables_of_another_release_are_found(sound):
    with sound.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert bad(sound) == "The database tables do not match this release. Run: scripts/forum upgrade"


def test_moved_ciphertext_is_found(sound):
    with sound.app.app_context(), unit_of_work():
        rose, oak = (db.session.get(Circle, sound.ids[each]) for each in ("rose", "oak"))
        rose._name, oak._name = oak._name, rose._name

    assert bad(sound).startswith("2 encrypted values cannot be read")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log_entry SET at = '2026-01-01' WHERE seq = 1 AND chain = :chain",
        "DELETE FROM log_entry WHERE seq = 1 AND chain = :chain",
        "UPDATE log_entry SET seq = 9 WHERE seq = 1 AND chain = :chain",
    ],
    ids=["changed", "cut out", "moved"],
)
def test_changed_log_is_found(sound, sql):
    two_lines(sound)
    with sound.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(sql), {"chain": sound.ids["rose"].hex})

    status, said = check(sound)
    assert status == 1
    assert f"Logs were changed or cut: circle {sound.ids['rose']}, line 1" in said


@pytest.mark.proof("D7")
def test_truncated_log_is_found(sound):
    """Fails when the stored length is not compared."""
    two_lines(sound)
    with sound.app.app_context(), db.engine.begin() as connection:
        last = "DELETE FROM log_entry WHERE seq = (SELECT max(seq) FROM log_entry WHERE chain = :c)"
        connection.execute(text(f"{last} AND chain = :c"), {"c": sound.ids["rose"].hex})

    assert bad(sound).startswith(f"Logs were changed or cut: circle {sound.ids['rose']}, line ")


def two_lines(world):
    mo = world.client("mo")
    for _ in range(2):
        mo.submit(f"/circles/{world.ids['rose']}/invite", by="link", words="Come")
    with world.app.app_context():
        checkpoints.keep()


def test_text_in_clear_is_found(sound):
    (sound.folder / "instance" / "notes.txt").write_text("Torn between two")

    said = bad(sound)

    assert said == "Names, titles or keys of this forum can be read unencrypted in notes.txt."


def test_key_in_clear_is_found(sound):
    key = (sound.folder / "instance" / "root.key").read_bytes()
    (sound.folder / "instance" / "old.env").write_text(f"ROOT={key.hex()}")

    said = bad(sound)

    assert said == "Names, titles or keys of this forum can be read unencrypted in old.env."
    assert key.hex() not in said


def test_missing_checkpoints_are_reported(sound):
    """Otherwise whoever truncates a log would only have to delete the checkpoints too."""
    (sound.folder / "instance" / "log-heads").unlink()

    assert bad(sound).startswith("The file that records where the logs ended is missing")


def test_late_clock_is_found(sound):
    sound.reply("fay", "Before it was set back")
    sound.moment -= timedelta(hours=1)

    assert bad(sound).startswith("This machine's clock is behind")


def test_incomplete_index_is_found(sound):
    with sound.app.app_context():
        build(sound.ids["rose"])
        storage = index._storage(sound.ids["rose"])
        state, _ = reader.described(storage)
        reader.create(storage)
        reader.write_state(storage, reader.IndexState(state.revision, state.until, ()))

    assert bad(sound).startswith("1 search indexes are damaged")


def test_missing_circle_key_is_found(sound):
    (sound.folder / "instance" / "circle-keys.db").unlink()
    sound.restart()

    assert bad(sound).startswith("circle-keys.db lacks the keys of 2 of the circles")


def test_outdated_index_is_no_fault(sound):
    shutil.rmtree(sound.folder / "search_index", ignore_errors=True)

    status, said = check(sound)

    assert status == 0
    assert "2 search indexes are behind" in said


def test_missing_response_headers_are_found(tmp_path):
    forum = Installation(tmp_path)
    with forum.app.app_context():
        db.create_all()
        stamp()
    forum.serve()

    said = forum.app.test_cli_runner().invoke(args=["forum", "check"]).output
    forum.close()

    assert "ok  The site sends all headers as it should." in said


def test_unreachable_mail_server_is_found(sound):
    with PostOffice() as office:
        office.serves(sound)
        assert "ok  The mail server can be used." in check(sound)[1]

    assert bad(sound).startswith(
        "The email server cannot be reached or refused us (ConnectionRefusedError)"
    )


def test_posts_moved_between_circles_are_found(sound):
    """D2. A value sealed for a row opens in no other row."""
    told = sound.present("nan", "Next door", "Of another circle", circle="oak")
    ids = {"told": told.hex, "rose": sound.ids["rose"].hex}
    with sound.app.app_context():
        moved = "UPDATE thread SET circle_id = :rose WHERE id = :told"
        write_past_foreign_keys(ids, moved)

    assert "encrypted values cannot be read" in bad(sound)


def test_a_damaged_learning_note_is_found(sound):
    sound.client("ray").submit("/learning/new", learned="Owls", title="Owls")
    with sound.app.app_context(), unit_of_work():
        db.session.execute(update(LearningNote).values(content=b"\x01\x01" + b"x" * 60))

    assert "Learning notes of 1 account cannot be read" in bad(sound)


def test_accounts_without_the_factor_they_need_are_counted(sound):
    """Fails when an account that is due for a factor goes unnoticed, or is named."""
    with sound.app.app_context(), unit_of_work():
        account(sound.ids["fay"]).factor_asked = "2025-01-01"

    assert bad(sound) == (
        "1 account should have a second factor and has none, and will be asked for it at the next"
        " sign-in, before all else."
    )
