"""Emails are sent as soon as committed, if a worker runs; otherwise they wait."""

import os
import pickle
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from flask_migrate import upgrade

from config import TestConfig
from forum import create_app, worker
from forum.core.db import db, unit_of_work
from forum.mail import outbox as mail
from tests.accounts.people import hidden
from tests.postoffice import PostOffice, silent_server
from tests.world import World

HERE = Path(__file__).parents[2]
ADDRESS = "ray@example.org"


@pytest.fixture
def mailing(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    return world


def queue(app, *addresses):
    with app.app_context(), unit_of_work():
        for address in addresses:
            mail.queue(address, "This link no longer works", "Here it is.")


def queued(world):
    """Bytes of each task in huey's queue: of its file, or of Redis."""
    return worker.task_queue(world.app).emails.storage.enqueued_items()


def rings(world):
    """Tasks in huey's queue."""
    return [pickle.loads(task) for task in queued(world)]


@contextmanager
def working(folder, office):
    """Running worker of an installation in `folder`, sending to this mail server."""
    words = [sys.executable, "-m", "flask", "forum", "worker"]
    post = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(office.port), "MAIL_SECURITY": "none"}
    here = os.environ | {"FORUM_INSTANCE": str(folder / "instance")} | post
    with subprocess.Popen(words, cwd=HERE, env=here, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            yield
        finally:
            process.terminate()


def test_an_email_is_sent_seconds_after_commit(tmp_path):
    config = TestConfig(tmp_path / "instance")
    config.MAIL_SERVER = "127.0.0.1"
    app = create_app(config)
    with app.app_context():
        upgrade()
    with PostOffice() as office, working(tmp_path, office):
        queue(app, "first@example.org")
        until(lambda: office.letters, 30)  # the worker has begun by now

        queue(app, ADDRESS)
        until(lambda: len(office.letters) == 2, 5)

    assert office.envelopes[-1].rcpt_tos == [ADDRESS]
    with app.app_context():
        db.engine.dispose()


def until(holds, seconds):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_one_task_waits_for_all_emails(mailing):
    queue(mailing.app, ADDRESS, "fay@example.org")
    queue(mailing.app, "joe@example.org")

    assert len(rings(mailing)) == 1


@pytest.mark.leaks
def test_a_queued_task_reveals_no_email(mailing):
    queue(mailing.app, ADDRESS)

    [ring] = rings(mailing)
    assert ring.name.endswith("letters")
    assert (ring.args, ring.kwargs, ring.eta, ring.expires) == ((), {}, None, None)
    kept = Path(mailing.app.config["BELL_FILE"])
    files = [file.read_bytes() for file in kept.parent.glob(f"{kept.name}*")]
    said = b"".join([*queued(mailing), *files])
    assert not [
        word
        for word in (ADDRESS, "example.org", "This link no longer works")
        if word.encode() in said
    ]


def test_a_page_queues_the_task_after_responding(mailing):
    client = mailing.client()
    asked = client.get("/password/forgotten")

    client.post("/password/forgotten", data=hidden(asked) | {"email": ADDRESS})

    assert len(rings(mailing)) == 1


def test_a_rollback_queues_no_task(mailing):
    with mailing.app.app_context(), suppress(OSError), unit_of_work():
        mail.queue(ADDRESS, "This link no longer works", "Here it is.")
        raise OSError

    assert rings(mailing) == []


def test_a_broken_queue_fails_no_page(mailing, caplog):
    Path(mailing.app.config["BELL_FILE"]).mkdir()

    queue(mailing.app, ADDRESS)

    assert caplog.messages == ["EmailQueued: listener in forum.worker failed with OperationalError"]
    with PostOffice() as office, mailing.app.app_context():
        office.serves(mailing)
        assert mail.send_due() == 1


def test_a_silent_redis_holds_nobody_who_queues_an_email(tmp_path):
    """Fails when a thread of the web server waits for ever, as an email is queued."""
    with silent_server() as port:
        world = World(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}")
        world.app.config["MAIL_SERVER"] = "mail.example.org"
        worker.listen(world.app)
        asked = Thread(target=queue, args=(world.app, ADDRESS), daemon=True)
        asked.start()
        asked.join(20)

        assert not asked.is_alive()


@pytest.mark.parametrize(
    "url", ["redis+unix:///run/redis.sock", "rediss://:key@redis.example.org:6379/0"]
)
def test_each_address_that_settings_take_wakes_the_worker(tmp_path, url):
    queues = worker.task_queue(World(tmp_path, REDIS_URL=url).app)

    assert queues.emails.storage.pool.connection_kwargs["socket_timeout"] == worker.REDIS_WAIT
