"""A key store of several hosts: destroyed on one is gone on all, older roots serve nothing."""

from contextlib import contextmanager
from time import monotonic, sleep, time
from uuid import uuid4

import pytest
from sqlalchemy import text

from forum import worker
from forum.audit import checkpoints
from forum.core import host_locks, key_stores
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.core.instance_lock import NotNow
from forum.core.key_stores import SqliteKeyStore
from forum.core.keys import KeyRing, StaleRoots, key_ring
from forum.discussions.models import Reply
from forum.operations import backups, databases, rotation
from tests import postgres
from tests.hosts import another_host, carry_roots
from tests.world import World

PATIENCE = 5_000  # milliseconds for a process of the server to end


@pytest.fixture
def there(here, tmp_path):
    host = another_host(here, tmp_path / "there")
    yield host
    host.close()


def rotate(host):
    with host.app.app_context():
        rotation.rotate(lambda *_: None)
    host.restart()
    host.cookies.clear()


def test_a_circle_opened_here_is_read_there(here, there):
    here.reply("ray", "From the other host")

    assert "From the other host" in there.client("pru").get(there.thread).text


def test_a_circle_destroyed_here_is_gone_there(here, there):
    """Fails when a host keeps an opened key from one request to the next."""
    ray = there.client("ray")
    composer = ray.get(f"{there.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Into the void", "do": "own_name"}
    assert "A hard morning." in ray.get(there.thread).text

    with here.app.app_context():
        key_ring().destroy_circle(here.ids["rose"])

    assert ray.get(there.thread).status_code == 404
    assert ray.post(composer, data=sent).status_code == 404
    with there.app.app_context(), pytest.raises(NotFound):
        key_ring().make_circle(here.ids["rose"])
    with there.app.app_context():
        assert key_ring().destroyed() == {here.ids["rose"]}
        assert not db.session.query(Reply).count()


def test_older_roots_serve_and_seal_nothing(here, there, caplog):
    """Fails when a host answers, seals or sets a cookie under roots that others have replaced."""
    ray = there.client("ray")
    composer = ray.get(f"{there.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Typed meanwhile", "do": "own_name"}

    rotate(here)

    read, posted = ray.get(there.thread), ray.post(composer, data=sent)
    assert [read.status_code, posted.status_code] == [503, 503]
    assert "Typed meanwhile" in posted.text
    assert sent["csrf_token"] in posted.text
    assert not [answer for answer in (read, posted) if "Set-Cookie" in answer.headers]
    assert there.client().get("/healthz").status_code == 503
    told = there.client().get("/readyz")
    assert told.status_code == 503
    assert "not ok keys fit: This host lacks root key 2" in told.text
    with there.app.app_context(), pytest.raises(StaleRoots), unit_of_work():
        pytest.fail("a transaction began under older roots")
    with there.app.app_context(), pytest.raises(StaleRoots):
        key_ring().make_circle(uuid4())
    with there.app.app_context(), pytest.raises(StaleRoots):
        checkpoints.write({})


def test_copied_roots_serve_again(here, there):
    rotate(here)
    carry_roots(here, there)
    there.restart()
    there.cookies.clear()

    there.reply("ray", "With the new key")

    assert "With the new key" in here.client("pru").get(here.thread).text


def test_host_without_roots_serves_nothing(here, tmp_path):
    """A host that was set up without the others' root key makes one of its own, and is refused."""
    (tmp_path / "new" / "instance").mkdir(parents=True)
    stranger = object.__new__(type(here))
    vars(stranger).update(vars(here) | {"folder": tmp_path / "new", "cookies": {}})
    del stranger.app
    stranger.restart()

    assert stranger.client().get("/sign-in").status_code == 503
    assert "The root keys of this host are not those" in stranger.client().get("/readyz").text
    stranger.close()


def test_unfinished_rotation_stops_every_host(here, there, monkeypatch):
    """Fails when a host that was given the new root serves rows that are half sealed anew."""

    def killed(_progress):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, here.app.app_context():
        broken.setattr(rotation, "_find_anew", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(lambda *_: None)
    carry_roots(here, there)
    there.restart()

    assert there.client().get("/sign-in").status_code == 503
    assert "is being introduced" in there.client().get("/readyz").text
    with there.app.app_context(), pytest.raises(StaleRoots):
        rotation.rotate(lambda *_: None)
    rotate(here)
    assert there.client().get("/sign-in").status_code == 200


def test_rotation_waits_for_all_hosts(here, there):
    address = here.settings["LOCKS_URL"]
    host_locks.share(address)  # as web and worker of another host do
    try:
        with here.app.app_context(), pytest.raises(NotNow, match="on every host"):
            rotation.rotate(lambda *_: None)
        assert there.client().get("/sign-in").status_code == 200
    finally:
        host_locks.release(address)
    with here.app.app_context():
        assert rotation.rotate(lambda *_: None) == 2


def test_lost_connections_to_the_store_show_in_no_answer(here):
    """Fails when a lost connection is used: the store was restarted while nobody asked."""
    ray = here.client("ray")
    assert ray.get(here.thread).status_code == 200
    server, _, name = here.settings["KEYS_URL"].rpartition("/")
    those = f"FROM pg_stat_activity WHERE datname = '{name}'"
    ended = f"SELECT pg_terminate_backend(pid, {PATIENCE}) {those}"
    for act in (lambda: ray.get(here.thread).status_code == 200, lambda: turn(here)):
        postgres.execute(f"{server}/postgres", ended)
        assert act()


def test_one_lost_connection_of_several_fails_no_write(here):
    """Fails when another connection is looked at than the one that is written on."""
    with here.app.app_context():
        store = key_ring().store
        with store._engine.connect() as one, store._engine.connect() as other:
            pids = [each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)]
    for pid in pids:
        postgres.execute(
            here.settings["KEYS_URL"], f"SELECT pg_terminate_backend({pid}, {PATIENCE})"
        )
        for name in ("first", "second", "third"):
            with here.app.app_context():
                assert key_ring().store.take_turn(f"{name} after {pid}", 60)


def turn(host):
    with host.app.app_context():
        return key_ring().store.take_turn("once a day", 86_400)


@contextmanager
def kept(address):
    host_locks.share(address)
    try:
        yield
    finally:
        host_locks.release(address)


def test_a_host_that_lost_its_lock_serves_nothing(here):
    address = here.settings["LOCKS_URL"]
    with host_locks.alone(here.folder / "instance", address), kept(address):
        answer = here.client().get("/sign-in")

    assert answer.status_code == 503
    assert here.client().get("/sign-in").status_code == 200


def test_lost_lock_is_taken_again(here, monkeypatch):
    monkeypatch.setattr(host_locks, "TRY_EVERY", 0.1)
    address = here.settings["LOCKS_URL"]
    with kept(address):
        postgres.execute(
            address,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()",
        )
        keeper = host_locks._kept[address]
        lost = _within(lambda: not keeper.is_held)
        again = _within(lambda: keeper.is_held)

    assert (lost, again) == (True, True)


def _within(holds, seconds=10):
    until = monotonic() + seconds
    while not holds() and monotonic() < until:
        sleep(0.005)
    return holds()


def test_an_absent_key_store_answers_503(here):
    """Fails when a request goes on without knowing whether its roots are those of all."""
    address, ray = here.settings["KEYS_URL"], here.client("ray")
    composer = ray.get(f"{here.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Typed meanwhile", "do": "own_name"}
    name = address.rpartition("/")[2]
    server = here.settings["SQLALCHEMY_DATABASE_URI"]
    postgres.execute(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    postgres.execute(
        server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )

    answers = [ray.get(here.thread), ray.post(composer, data=sent)]

    assert [each.status_code for each in answers] == [503, 503]
    assert "Typed meanwhile" in answers[1].text
    postgres.execute(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert ray.post(composer, data=sent).status_code == 303


def test_log_heads_are_shared(here, there):
    with here.app.app_context():
        checkpoints.keep()
        known = checkpoints.known()

    with there.app.app_context():
        assert known
        assert checkpoints.known() == known
    assert not (here.folder / "instance" / "log-heads").exists()


def test_copy_of_a_shared_store_comes_back(here, tmp_path):
    """A copy holds all keys but destroyed ones; those destroyed since get no key back."""
    target = tmp_path / "copy.db"
    with here.app.app_context():
        databases.copy_keys(key_ring().store, target)
        before = key_ring().circles()
        key_ring().destroy_circle(here.ids["oak"])

        backups._restore_shared(target, key_ring().store)

        assert SqliteKeyStore(target).circles() == before
        assert key_ring().circles() == before - {here.ids["oak"]}
        assert key_ring().destroyed() == {here.ids["oak"]}
    assert "Torn between two" in here.client("ray").get("/").text


def test_deleted_keys_leave_the_tables_file(here):
    """Fails when a destroyed key's bytes stay in a page of PostgreSQL."""
    with here.app.app_context():
        store = key_ring().store
        key_ring().destroy_circle(here.ids["oak"])
        store.tidy()
        with store._opened() as rows:
            [dead] = rows.execute(text("SELECT pg_relation_size('circle_key') / 8192")).scalars()
            kept_keys = rows.execute(text("SELECT count(*) FROM circle_key")).scalar()

    assert (dead, kept_keys) == (1, 1)


def test_older_ring_of_this_process_is_told(here):
    """Another root 1 is refused, whatever its number."""
    with here.app.app_context():
        store = key_ring().store
    with here.app.app_context(), pytest.raises(StaleRoots, match="not those of the key store"):
        KeyRing({1: bytes(32)}, store).require_fitting()


def test_keys_of_a_file_are_shared(tmp_path, new_database):
    """One host becomes several: its circles open under KEYS_URL, and never twice over."""
    alone, address = World(tmp_path / "alone"), new_database()
    with alone.app.app_context():
        key_ring().destroy_circle(alone.ids["oak"])
        checkpoints.keep()
        heads = checkpoints.known()
    alone.settings = {"KEYS_URL": address, "LOCKS_URL": address}
    alone.restart()
    command = alone.app.test_cli_runner()

    first, again = (command.invoke(args=["forum", "keys", "share"]) for _ in range(2))

    assert "share 1 circle" in first.output
    assert "KEYS_URL holds keys already" in again.output
    assert "A hard morning." in alone.client("ray").get(alone.thread).text
    with alone.app.app_context():
        assert key_ring().destroyed() == {alone.ids["oak"]}
        assert checkpoints.known() == heads
    alone.close()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_serves_nothing(here, monkeypatch, hours):
    """Fails when a host shows masked posts by a clock that differs from the others'."""
    assert here.client().get("/sign-in").status_code == 200

    monkeypatch.setattr(key_stores, "time", lambda: time() + 3600 * hours)

    assert here.client().get("/sign-in").status_code == 503
    assert "clock differs by 3600 seconds" in here.client().get("/readyz").text


def test_shared_jobs_are_done_once(here, there):
    """Two hosts ring in one minute: the first does what is shared, both what is local."""
    done = []
    jobs = (
        worker.Job("shared", lambda: done.append("shared")),
        worker.Job("local", lambda: done.append("local"), is_local=True),
    )
    for host in (here, there):
        with host.app.app_context(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "JOBS", jobs)
            worker.run_due_jobs(worker.JOBS)

    assert done == ["shared", "local", "local"]


def test_a_command_runs_shared_jobs_beside_the_minute(here, there):
    """Fails when `purge` leaves out what another host did in this minute, or while it does it, and
    says that nothing was due."""
    done = []
    jobs = (worker.Job("shared", lambda: done.append("shared")),)
    with there.app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "JOBS", jobs)
        worker.run_due_jobs(worker.JOBS)
        worker.run_due_jobs(worker.JOBS, by_hand=True)
        assert done == ["shared", "shared"]

        with host_locks.once_for_all(here.settings["LOCKS_URL"]), pytest.raises(NotNow):
            worker.run_due_jobs(worker.JOBS, by_hand=True)

    assert done == ["shared", "shared"]


def test_a_worker_that_hangs_holds_its_turn(here, there):
    """Fails when shared jobs run on two hosts at once."""
    done = []
    jobs = (worker.Job("emails", lambda: done.append("there")),)
    with host_locks.once_for_all(here.settings["LOCKS_URL"]), there.app.app_context():
        worker.run_due_jobs(jobs)
    assert not done
    with there.app.app_context():
        worker.run_due_jobs(jobs)

    assert done == ["there"]
