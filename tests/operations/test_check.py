"""`flask forum check`: what is not as it should be is said in a sentence, and nothing secret is."""

import shutil
from datetime import timedelta

import pytest
from flask_migrate import stamp
from sqlalchemy import text

from forum.audit import checkpoints
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.discussions.models import Thread
from forum.search import book, index
from forum.search.services import build
from tests.journeys.installation import Installation
from tests.postoffice import PostOffice


@pytest.fixture
def sound(world):
    """A world in which all is well."""
    with world.app.app_context():
        stamp()
        checkpoints.keep()
    return world


def check(world):
    answer = world.app.test_cli_runner().invoke(args=["forum", "check"])
    return answer.exit_code, answer.output


def bad(world):
    """The one thing that is said to be wrong."""
    status, said = check(world)
    assert status == 1
    [line] = [line for line in said.splitlines() if line.startswith("BAD ")]
    return line.removeprefix("BAD ")


def test_all_is_well_where_nothing_was_touched(sound):
    status, said = check(sound)

    assert (status, said.splitlines()[-1]) == (0, "All is well.")
    assert "BAD" not in said
    for secret in ("Rose", "Dr Ray", "ray@example.org", "Torn between two"):
        assert secret not in said


def test_a_key_that_others_can_read(sound):
    (sound.folder / "instance" / "circle-keys.db").chmod(0o644)

    assert bad(sound) == "circle-keys.db is open to other users of this machine (644)."


def test_tables_of_another_release(sound):
    with sound.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert bad(sound) == "The tables are not those of this release: `flask db upgrade`."


def test_words_that_were_moved(sound):
    with sound.app.app_context(), unit_of_work():
        rose, oak = (db.session.get(Circle, sound.ids[each]) for each in ("rose", "oak"))
        rose._name, oak._name = oak._name, rose._name

    assert bad(sound).startswith("2 sealed values do not open where they lie")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log_entry SET at = '2026-01-01' WHERE seq = 1 AND chain = :chain",
        "DELETE FROM log_entry WHERE seq = 1 AND chain = :chain",
        "UPDATE log_entry SET seq = 9 WHERE seq = 1 AND chain = :chain",
    ],
    ids=["changed", "cut out", "moved"],
)
def test_a_log_that_was_changed(sound, sql):
    two_lines(sound)
    with sound.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(sql), {"chain": sound.ids["rose"].hex})

    status, said = check(sound)
    assert status == 1
    assert f"Logs were changed or cut: circle {sound.ids['rose']}, line 1" in said


@pytest.mark.proof("D7")
def test_a_log_that_was_cut_at_its_end(sound):
    """Fails when the length of the head that was kept is not looked at."""
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


def test_words_that_stand_in_clear(sound):
    (sound.folder / "instance" / "notes.txt").write_text("Torn between two")

    said = bad(sound)

    assert said == "Words or keys of this forum stand in clear in notes.txt."


def test_a_key_that_was_written_down(sound):
    key = (sound.folder / "instance" / "root.key").read_bytes()
    (sound.folder / "instance" / "old.env").write_text(f"ROOT={key.hex()}")

    said = bad(sound)

    assert said == "Words or keys of this forum stand in clear in old.env."
    assert key.hex() not in said


def test_a_log_whose_end_nobody_can_see(sound):
    """Or whoever cuts a log would only have to take that file away too."""
    (sound.folder / "instance" / "log-heads").unlink()

    assert bad(sound).startswith("There is no file that says where the logs ended")


def test_a_clock_that_is_behind(sound):
    sound.reply("fay", "Before it was set back")
    sound.moment -= timedelta(hours=1)

    assert bad(sound).startswith("This machine's clock is behind")


def test_an_index_that_lacks_what_it_says_it_has(sound):
    with sound.app.app_context():
        build(sound.ids["rose"])
        storage = index._storage(sound.ids["rose"])
        state, _ = book.described(storage)
        book.create(storage)
        book.write_state(storage, book.State(state.revision, state.until, ()))

    assert bad(sound).startswith("1 search indexes do not hold what they say")


def test_a_key_store_that_lacks_a_circle(sound):
    (sound.folder / "instance" / "circle-keys.db").unlink()
    sound.restart()

    assert bad(sound).startswith("circle-keys.db lacks the keys of 2 of the circles")


def test_an_index_that_is_behind_is_no_fault(sound):
    shutil.rmtree(sound.folder / "search_index", ignore_errors=True)

    status, said = check(sound)

    assert status == 0
    assert "2 search indexes are behind" in said


def test_headers_that_the_site_sends(tmp_path):
    forum = Installation(tmp_path)
    with forum.app.app_context():
        db.create_all()
        stamp()
    forum.serve()

    said = forum.app.test_cli_runner().invoke(args=["forum", "check"]).output
    forum.close()

    assert "ok  The site sends all headers as it should." in said


def test_a_mail_server_that_answers_and_one_that_does_not(sound):
    with PostOffice() as office:
        office.serves(sound)
        assert "ok  The mail server can be used." in check(sound)[1]

    assert bad(sound).startswith("The mail server cannot be used (ConnectionRefusedError)")


def test_posts_that_moved_between_circles(sound):
    """D2. What is sealed in one place opens in no other."""
    told = sound.present("nan", "Next door", "Of another circle", circle="oak")
    with sound.app.app_context(), unit_of_work():
        db.session.get(Thread, told).circle_id = sound.ids["rose"]

    assert "sealed values do not open where they lie" in bad(sound)
