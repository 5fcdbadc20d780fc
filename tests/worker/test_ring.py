"""What happens at a ring of the bell."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from forum import worker
from forum.circles.models import Membership
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.mail import services as mail
from forum.worker import Job, bell, ring
from tests.postoffice import PostOffice

HERE = Path(__file__).parents[2]


def rung(world, *jobs):
    with world.app.app_context():
        return ring(jobs) if jobs else ring()


def test_a_quiet_minute_does_nothing_and_says_nothing(world, caplog):
    rung(world)  # builds the indexes
    caplog.clear()

    assert rung(world) == {}
    assert caplog.messages == []


def test_waiting_letters_leave(world):
    with PostOffice() as office:
        office.serves(world)
        with world.app.app_context(), unit_of_work():
            mail.queue("ray@example.org", "A link", "Here it is.")

        assert rung(world)["mail.sent"] == 1
        assert len(office.letters) == 1


def test_the_secrets_of_those_who_left_go_after_the_days_of_grace(world):
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


def test_a_job_that_fails_stops_no_other_and_shows_nothing_of_what_it_held(world, caplog):
    def fail():
        raise ValueError("ray@example.org wrote a secret")

    done = rung(world, Job("first", fail), Job("second", lambda: 2))

    assert done == {"second": 2}
    assert caplog.messages[0].startswith("worker: first failed with ValueError in fail, line ")
    assert caplog.messages[1:] == ["worker: second 2"]
    assert not caplog.records[0].exc_info
    assert "ray" not in caplog.text


def test_work_that_fails_half_way_is_undone(world):
    def half():
        db.session.query(Membership).delete()
        raise OSError

    rung(world, Job("half", worker._kept(half)))

    with world.app.app_context():
        assert db.session.query(Membership).count() > 0


def test_the_log_of_writing_is_empty_after_a_ring(world):
    log = world.folder / "instance" / "forum.db-wal"
    world.reply("ray", "I have been there.")
    before = log.stat().st_size

    rung(world)

    assert (before > 0, log.stat().st_size) == (True, 0)


def test_a_reader_delays_the_emptying_of_the_log_and_nobody_else(world):
    world.reply("ray", "I have been there.")
    with world.app.app_context(), db.engine.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM circle").fetchall()
        world.reply("fay", "So have I.")
        begun = time.monotonic()

        rung(world)

        assert time.monotonic() - begun < 3
    assert world.reply("joe", "And I.")


def test_the_bell_rings_every_minute_and_keeps_no_words(world):
    huey = bell(world.app)

    [task] = huey._registry.periodic_tasks
    assert huey.ready_to_run(task)
    assert Path(world.app.config["BELL_FILE"]).exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_runs_until_it_is_told_to_stop(tmp_path, sign):
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
