"""Clocked jobs: one run of the worker."""

import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from forum import worker
from forum.circles.models import Membership
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.maintenance import rebuild_file, truncate_write_ahead_log
from forum.mail import outbox as mail
from forum.policy.terms import AuthorMode
from forum.worker import Job, run_due_jobs, task_queue
from tests.engine import of_sqlite
from tests.postoffice import PostOffice
from tests.world import MORNING

HERE = Path(__file__).parents[2]
NIGHT = MORNING.replace(day=3, hour=3, minute=31)  # within the window of the service


def rung(world, *jobs):
    with world.app.app_context():
        return run_due_jobs(jobs) if jobs else run_due_jobs()


def test_a_run_without_due_work_logs_nothing(world, caplog):
    rung(world)  # builds the indexes
    caplog.clear()

    assert rung(world) == {}
    assert caplog.messages == []


def test_no_log_line_counts_emails(world, caplog):
    """Members choose the minute: a line at that time would reveal who had unread posts."""
    with PostOffice() as office:
        office.serves(world)
        rung(world)
        world.reply("ray", "New to all")
        world.moment = MORNING.replace(day=3, hour=7, minute=15)
        caplog.clear()

        assert rung(world)["digests.made"] > 1
        assert rung(world)["mail.sent"] > 1
        assert not [line for line in caplog.messages if "digest" in line or "mail" in line]


def test_a_run_sends_waiting_emails(world):
    with PostOffice() as office:
        office.serves(world)
        with world.app.app_context(), unit_of_work():
            mail.queue("ray@example.org", "This link no longer works", "Here it is.")

        assert rung(world)["mail.sent"] == 1
        assert len(office.letters) == 1


def test_leavers_secrets_are_purged_after_grace(world):
    with world.app.app_context(), unit_of_work():
        leave(world.ids["ray"], world.ids["rose"])

    def places():
        with world.app.app_context():
            return db.session.query(Membership).filter_by(member_id=world.ids["ray"]).count()

    world.moment += timedelta(days=6)
    rung(world)
    before = places()
    world.moment += timedelta(days=1)
    rung(world)

    assert (before, places()) == (1, 0)


def test_a_failing_job_stops_no_other(world, caplog):
    def fail():
        raise ValueError("ray@example.org wrote a secret")

    done = rung(world, Job("first", fail), Job("second", lambda: 2))

    assert done == {"second": 2}
    assert caplog.messages[0].startswith("worker: first failed with ValueError in fail, line ")
    assert caplog.messages[1:] == ["worker: second 2"]
    assert not caplog.records[0].exc_info
    assert "ray" not in caplog.text


def test_a_failing_job_is_rolled_back(world):
    def half():
        db.session.query(Membership).delete()
        raise OSError

    rung(world, Job("half", worker._committed(half)))

    with world.app.app_context():
        assert db.session.query(Membership).count() > 0


@of_sqlite
def test_a_run_truncates_the_write_ahead_log(world):
    log = world.folder / "instance" / "forum.db-wal"
    world.reply("ray", "I have been there.")
    before = log.stat().st_size

    rung(world)

    assert (before > 0, log.stat().st_size) == (True, 0)


def test_a_reader_only_delays_log_truncation(world):
    world.reply("ray", "I have been there.")
    with world.app.app_context(), db.engine.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM circle").fetchall()
        world.reply("fay", "So have I.")
        begun = time.monotonic()

        rung(world)

        assert time.monotonic() - begun < 3
    assert world.reply("joe", "And I.")


def test_the_periodic_task_runs_every_minute(world):
    huey = task_queue(world.app).own

    [task] = huey._registry.periodic_tasks
    assert huey.ready_to_run(task)
    assert Path(world.app.config["BELL_FILE"]).exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_stops_on_a_signal(tmp_path, sign):
    words = [sys.executable, "-m", "flask", "forum", "worker"]
    here = os.environ | {"FORUM_INSTANCE": str(tmp_path / "instance")}
    with subprocess.Popen(words, cwd=HERE, env=here, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        wait_for(tmp_path / "instance" / "bell.db")
        time.sleep(0.5)
        process.send_signal(sign)
        _, said = process.communicate(timeout=15)

    assert process.returncode == 0, said


def wait_for(path):
    end = time.monotonic() + 15
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.1)


def spilled(world):
    """Ids of replies in the order of their overflow pages in the file.

    Source: the SQLite file format, sections 1.5 (b-tree pages) and 2.1 (cells, overflow).
    """
    file = world.folder / "instance" / "forum.db"
    with closing(sqlite3.connect(file)) as rows:
        [root] = rows.execute("SELECT rootpage FROM sqlite_master WHERE name = 'reply'").fetchone()
        [size] = rows.execute("PRAGMA page_size").fetchone()
        ids = [row[0] for row in rows.execute("SELECT id FROM reply")]
    pages = file.read_bytes()
    most = (size - 12) * 64 // 255 - 23  # bytes of a row that stay in its own page
    least = (size - 12) * 32 // 255 - 23
    found = []

    def look(number):
        page = pages[(number - 1) * size : number * size]
        inner = page[0] == 2
        head = 12 if inner else 8
        for at in struct.unpack_from(f">{struct.unpack_from('>H', page, 3)[0]}H", page, head):
            if inner:
                look(struct.unpack_from(">I", page, at)[0])
                at += 4
            length = (page[at] & 127) << 7 | page[at + 1]  # of two bytes: rows are of this size
            here = least + (length - least) % (size - 4)
            kept = at + 2 + (here if here <= most else least)
            [id_] = [each for each in ids if each.encode() in page[at:kept]]
            found.append((struct.unpack_from(">I", page, kept)[0], id_))
        if inner:
            look(struct.unpack_from(">I", page, 8)[0])

    look(root)
    return [id_ for _, id_ in sorted(found)]


@of_sqlite  # tests/core/test_row_order.py looks at PostgreSQL's
@pytest.mark.leaks
def test_nightly_rebuilds_hide_the_writing_order(world):
    written = []
    for number in range(20):
        mode = (AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM)[number % 2]
        written.append(world.reply("ray", f"Words {number}", mode).hex)
    with world.app.app_context():
        truncate_write_ahead_log()
    rung(world)
    before = spilled(world)

    world.moment = NIGHT
    rung(world)
    after = spilled(world)

    assert before == written  # what a thief would read by day
    assert after == sorted(written)
    later = [world.reply("fay", f"More {number}").hex for number in range(3)]
    rung(world)
    assert [id_ for id_ in spilled(world) if id_ in later] == later  # once a night is enough
    world.moment += timedelta(days=1)
    rung(world)
    assert spilled(world) == sorted([*written, *later])


@pytest.mark.parametrize(
    ("begins", "zone", "moment", "is_open"),
    [
        ("03:30", "Europe/London", "2026-03-02T03:29:59Z", False),
        ("03:30", "Europe/London", "2026-03-02T03:30:00Z", True),
        ("03:30", "Europe/London", "2026-03-02T03:39:59Z", True),
        ("03:30", "Europe/London", "2026-03-02T03:40:00Z", False),
        ("03:30", "Europe/London", "2026-07-02T03:30:00Z", False),  # summer time
        ("03:30", "Europe/London", "2026-07-02T02:30:00Z", True),
        ("03:30", "America/Toronto", "2026-03-02T08:30:00Z", True),
        ("23:55", "Europe/London", "2026-03-02T00:04:00Z", True),  # past midnight
        ("23:55", "Europe/London", "2026-03-02T00:05:00Z", False),
    ],
)
def test_the_file_is_rebuilt_in_its_window(world, begins, zone, moment, is_open):
    world.app.config |= {"MAINTENANCE_AT": begins, "TIMEZONE": zone}
    world.moment = datetime.fromisoformat(moment)
    with world.app.app_context():
        assert rebuild_file() is is_open
        assert not rebuild_file()  # at most once a night

        assert rebuild_file(forced=True)
