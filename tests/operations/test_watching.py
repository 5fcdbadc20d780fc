"""/readyz, /metrics and what `check` says of the surroundings."""

import json
import os
import re
import ssl
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from shutil import disk_usage, which
from threading import Thread

import pytest
from flask_migrate import stamp
from sqlalchemy import text

from forum import worker
from forum.core import last_runs
from forum.core.db import db
from forum.core.instance_lock import share
from forum.mail import outbox
from forum.operations import backups, surroundings, watching
from forum.web.headers import HEADERS
from tests.engine import of_sqlite

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]+"(,[a-z]+="[^"]+")*\})? -?[\d.e+]+')


@pytest.fixture
def sound(world):
    """A world that is ready: stamped tables, and a worker that ran."""
    with world.app.app_context():
        stamp()
        worker.run_due_jobs()
    return world


def metrics(world):
    """{name with labels: number} of /metrics, all of whose lines Prometheus understands."""
    answer = world.client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("# ")]
    assert all(map(LINE.fullmatch, lines)), lines
    return {name: float(number) for name, number in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("page", ["/readyz", "/metrics"])
@pytest.mark.parametrize(
    "request_",
    [
        {"headers": {"X-Forwarded-For": "203.0.113.7"}},
        {"headers": {"Forwarded": "for=203.0.113.7"}},
        {"headers": {"Host": "circles.example.org"}},
        {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}},
        {"method": "POST", "headers": {"X-Forwarded-For": "127.0.0.1"}},
    ],
    ids=["handed on", "handed on by name", "another name", "another machine", "a lie"],
)
@pytest.mark.parametrize("who", [None, "lee"])
def test_pages_for_watching_are_not_there_for_others(world, page, request_, who):
    """Fails when they answer otherwise than an address that leads nowhere."""
    nowhere = world.client(who).open("/nothing-is-here", **request_)
    answer = world.client(who).open(page, **request_)

    assert alike(answer) == alike(nowhere)
    assert "forum_" not in answer.text


def alike(answer):
    """Status, headers and body, without the sealed address that sign-in leads back to."""
    known = (answer.status_code, *sorted(map(str, answer.headers)), answer.text)
    return [re.sub(r"next=[\w=-]+|\('Content-Length', '\d+'\)", "", str(each)) for each in known]


def test_a_sound_forum_is_ready(sound):
    answer = sound.client().get("/readyz")

    assert (answer.status_code, answer.text) == (
        200,
        "ok writes are possible\nok keys fit\nok tables are those of this release\n"
        "ok worker ran within five minutes\nok disk has more than 5 % left\n"
        "ok copies are as young as COPIES_WITHIN says\n",
    )
    assert HEADERS.items() <= dict(answer.headers).items()
    assert sound.client().get("/healthz").text == "ok"


@of_sqlite
def test_each_fault_makes_it_not_ready(sound, monkeypatch):
    """Fails when a check is left out of /readyz."""

    def faults():
        answer = sound.client().get("/readyz")
        assert answer.status_code == 503
        return [line for line in answer.text.splitlines() if line.startswith("not ok")]

    sound.moment += timedelta(minutes=6)
    assert faults() == ["not ok worker ran within five minutes"]
    with sound.app.app_context():
        worker.run_due_jobs()
    sound.app.config["COPIES_WITHIN"] = 26
    assert faults() == ["not ok copies are as young as COPIES_WITHIN says"]
    with sound.app.app_context():
        backups.back_up(sound.folder / "copies")
    assert sound.client().get("/readyz").status_code == 200
    with monkeypatch.context() as low:
        low.setattr(watching, "LEAST_FREE", 1.1)
        assert faults() == ["not ok disk has more than 5 % left"]
    with sound.app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert faults() == ["not ok tables are those of this release"]
        stamp()
        other = db.engine.connect()
        other.connection.driver_connection.execute("BEGIN IMMEDIATE")
        assert faults()[0].startswith("not ok writes are possible: Somebody else is writing")
        other.connection.driver_connection.execute("ROLLBACK")
        other.close()
    store = sound.folder / "instance" / "circle-keys.db"
    store.write_bytes(b"")
    assert any(line.startswith("not ok keys fit") for line in faults())


def test_reading_pages_count_by_kind_and_status(world):
    for who, page in (("ray", "/"), ("ray", world.thread), ("fay", world.thread)):
        world.client(who).get(page)
    world.client("nan").get(world.thread)

    found = metrics(world)

    assert found['forum_pages_total{kind="home",status="200"}'] == 1
    assert found['forum_pages_total{kind="thread",status="200"}'] == 2
    assert found['forum_pages_total{kind="thread",status="404"}'] == 1
    assert found['forum_page_seconds_count{kind="thread"}'] == 3
    assert found['forum_page_seconds_bucket{kind="thread",le="+Inf"}'] == 3
    assert found['forum_page_seconds_sum{kind="thread"}'] > 0


def test_all_else_is_one_total_told_once_the_day_is_over(world):
    """Fails when a single write, draft, search or sign-in moves a number."""
    before = metrics(world)
    ray = world.client("ray")
    ray.answer(world.thread, body="Said", do="own_name")
    ray.search("said")
    world.client().get("/sign-in")
    same_day = metrics(world)
    told = []
    for days in (1, 1, 2):
        world.moment = world.moment.replace(hour=0, minute=0) + timedelta(days=days)
        found = metrics(world)
        world.client("fay").get("/search")
        told.append(found["forum_other_requests_yesterday"])

    moved = {name for name in same_day if same_day[name] != before.get(name)}
    assert all(name.startswith("forum_page") for name in moved)
    assert told[0] in (5, 10)  # some eight
    assert told[1:] == [0, 0]  # one each


def test_counts_of_several_processes_are_told_together(world):
    counts = world.app.extensions["page_counts"]
    with world.app.app_context():
        for process in (1, 2, 65):
            counts.take_slot(process)
            counts.add("discussions.home", "GET", 200, 0.01)
            counts.add("accounts.sign_in", "POST", 500, 0.01)

    assert metrics(world)['forum_pages_total{kind="home",status="200"}'] == 3
    world.moment += timedelta(days=1)
    assert metrics(world)["forum_other_requests_yesterday"] == 5
    assert metrics(world)["forum_other_errors_yesterday"] == 5


def test_mail_ages_by_whole_hours(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    with world.app.test_request_context():
        from forum.core.db import unit_of_work

        with unit_of_work():
            outbox.queue("ray@example.org", "Subject", "Text")
    ages = []
    for hours in (0, 1, 2, 3):
        world.moment = world.moment.replace(minute=0) + timedelta(hours=bool(hours))
        ages.append(metrics(world)["forum_mail_oldest_seconds"])

    assert ages == [0, 0, 3600, 7200]


def said(world):
    with world.app.app_context():
        return {each.said: each.is_well for each in surroundings.of_installation()}


def bad(world):
    return [line for line, is_well in said(world).items() if not is_well]


def test_check_tells_files_of_another_user(sound):
    path = sound.folder / "instance" / "log-heads"
    try:
        os.chown(path, os.geteuid() + 1234, -1)
    except PermissionError:
        pytest.skip("not run: only root gives a file to another user")

    [line] = bad(sound)

    assert line.startswith("1 file belongs to another user than instance, log-heads. Run: ")
    assert f"Run: chown -R {os.geteuid()} " in line


@of_sqlite
def test_check_tells_a_worker_that_stands_still(sound):
    share(sound.folder / "instance")  # as web and worker do
    assert "The worker runs. Each minute it empties the write-ahead log." in said(sound)
    sound.moment += timedelta(minutes=6)

    [line] = bad(sound)

    assert line.startswith("The worker has not run for five minutes")


def test_check_tells_copies_that_are_late(sound):
    sound.app.config["COPIES_WITHIN"] = 26
    none = bad(sound)
    with sound.app.app_context():
        backups.back_up(sound.folder / "copies")
    made = said(sound)
    sound.moment += timedelta(hours=27)

    assert none == [
        "No copy of database and circle-keys was made within 26 hours. See:"
        " systemctl status forum-copy"
    ]
    assert "Copies were made within 26 hours." in made
    assert bad(sound) == none


class Silent(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def site_with_certificate(folder, days):
    """Address of a site whose certificate ends in some days."""
    if not which("openssl"):
        pytest.skip("not run: openssl is not here")
    subprocess.run(  # noqa: S603  # words of our own
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days)),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/certificate.pem", f"{folder}/key.pem")
    with HTTPServer(("127.0.0.1", 0), Silent) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("days", "is_trusted", "line", "is_well"),
    [
        (60, False, "Browsers do not trust the certificate: self-signed certificate.", False),
        (61, True, "The certificate lasts 60 days more.", True),
        (11, True, "The certificate lasts 10 days more.", False),
    ],
)
def test_check_tells_a_certificate_that_ends(
    sound, tmp_path, monkeypatch, days, is_trusted, line, is_well
):
    from forum.core.clock import system_clock

    sound.app.extensions["clock"] = system_clock
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/certificate.pem")
    with site_with_certificate(tmp_path, days) as address:
        sound.app.config["SITE_URL"] = address
        found = said(sound)

    assert found[line] is is_well


def test_last_runs_survive_a_broken_file(sound):
    """Fails when a file that was cut ends readiness in an error."""
    path = sound.folder / "instance" / last_runs.WORKER
    assert set(json.loads(path.read_text())) == {"jobs"}
    path.write_text("{")

    with sound.app.app_context():
        assert not last_runs.is_recent()
        worker.run_due_jobs()
        assert last_runs.is_recent()
    assert disk_usage(path).free
