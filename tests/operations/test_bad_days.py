"""Machine failures: a plain message, and no acknowledged write lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from config import ProductionConfig, TestConfig
from forum import create_app
from forum.core.db import db
from forum.core.keys import BadKeys
from forum.operations.readiness import require_fitting_keys
from tests.engine import of_sqlite
from tests.killing import killed
from tests.world import EVENING, MORNING, World


def close(world):
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("size", [10, 5000, -4096], ids=str)
def test_half_written_key_store_is_refused(world, size):
    store = world.folder / "instance" / "circle-keys.db"
    whole = store.read_bytes()
    close(world)
    store.write_bytes(whole[:size])

    with pytest.raises(BadKeys, match=r"circle-keys\.db"):
        opened(world)
    assert store.read_bytes() == whole[:size]
    store.write_bytes(whole)
    opened(world)
    assert "Torn between two" in world.client("mo").get("/").text


def test_broken_key_store_returns_typed_text(world):
    """No page fails, typed text comes back, and work resumes with the store."""
    store = world.folder / "instance" / "circle-keys.db"
    whole, ray = store.read_bytes(), world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Typed meanwhile", "do": "own_name"}
    store.write_bytes(b"half of something" * 900)

    answers = [ray.get(world.thread), ray.post(composer, data=sent)]
    store.write_bytes(whole)
    opened(world)

    assert [answer.status_code for answer in answers] == [503, 503]
    assert "Typed meanwhile" in answers[1].text
    assert "Torn between two" in world.client("ray").get(world.thread).text


def test_empty_key_store_is_reported(world):
    close(world)
    (world.folder / "instance" / "circle-keys.db").write_bytes(b"")

    with pytest.raises(BadKeys, match="lacks the keys of 2 of the circles"):
        opened(world)


def opened(world):
    """The world after a restart with `make run`."""
    world.restart()
    with world.app.app_context():
        require_fitting_keys()


@pytest.mark.parametrize("flaw", ["missing", "short", "open"])
def test_untrustworthy_root_key_is_refused(tmp_path, monkeypatch, flaw):
    monkeypatch.setattr(ProductionConfig, "SITE_URL", "https://circles.example.org")
    config = ProductionConfig(tmp_path / "instance")
    key = Path(config.ROOT_KEY_FILE)
    if flaw != "missing":
        key.write_bytes(b"k" * (20 if flaw == "short" else 32))
        key.chmod(0o644 if flaw == "open" else 0o400)

    with pytest.raises(BadKeys, match="must be there, 32 bytes long and readable by its owner"):
        create_app(config)


@of_sqlite
def test_database_of_another_root_is_refused(world, tmp_path):
    other = World(tmp_path / "other", seed=8)
    close(world), close(other)
    for name in ("forum.db", "forum.db-wal"):
        there, here = (each.folder / "instance" / name for each in (other, world))
        here.write_bytes(there.read_bytes() if there.exists() else b"")

    with pytest.raises(BadKeys, match="sealed under another root key"):
        opened(world)


def test_key_store_of_another_root_is_refused(world, tmp_path):
    other = World(tmp_path / "other", seed=8)
    store = world.folder / "instance" / "circle-keys.db"
    store.write_bytes((other.folder / "instance" / "circle-keys.db").read_bytes())

    with pytest.raises(BadKeys, match=r"circle-keys.db was made under another root key\."):
        opened(world)


def test_clock_set_back_loses_no_post(world):
    world.moment = MORNING + timedelta(hours=2)
    world.client("ray").answer(world.thread, body="Before the change", do="own_name")
    world.moment = MORNING + timedelta(hours=1)

    sent = world.client("fay").answer(world.thread, body="After the change", do="own_name")

    assert sent.status_code == 303
    world.moment = MORNING + timedelta(hours=3)
    page = world.client("mo").get(world.thread).text
    assert "Before the change" in page
    assert "After the change" in page
    assert "After the <mark>change</mark>" in world.client("mo").search("change").text


def leave_no_room(connection, _record):
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


@of_sqlite
def test_full_disk_returns_the_typed_text(world):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    tokens = ray.tokens(composer)
    typed = {"body": "A long evening. " * 1000, "do": "own_name"}
    with world.app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", leave_no_room)
    full = ray.post(composer, data=tokens | typed)
    with world.app.app_context():
        event.remove(db.engine, "connect", leave_no_room)
        db.engine.dispose()

    assert full.status_code == 503
    assert "A long evening." in full.text
    assert "A long evening." not in world.client("mo").get(world.thread).text
    assert ray.post(composer, data=tokens | typed).status_code == 303
    assert "A long evening." in world.client("mo").get(world.thread).text


@of_sqlite
@pytest.mark.leaks
@pytest.mark.proof("D4")
def test_kill9(tmp_path):
    """D4. Acknowledged writes survive a power cut, and no write is halved. Fails when a reply and
    its quote are committed apart."""
    world = World(tmp_path)
    step, came_so_far, done = 1, True, 0
    while came_so_far:
        body = f"At step {step}."
        told = tmp_path / f"told{step}"

        def post(body=body, told=told):
            answer = world.client("ray").answer(world.thread, body=body, do="own_name")
            if answer.status_code == 303:
                told.write_text("acknowledged")

        came_so_far = killed(world, post, step)
        world.restart()
        page = world.client("mo").get(world.thread).text
        assert (body in page) >= told.exists()
        done += body in page
        step += 1 if step < 24 else 4
    assert done >= 1
    world.moment = EVENING
    with world.app.app_context():
        assert db.session.execute(db.text("PRAGMA integrity_check")).scalar() == "ok"


def test_demo_refuses_a_foreign_folder(tmp_path):
    """A missing folder is created, for its owner alone."""
    TestConfig(tmp_path / "new" / "instance")

    assert (tmp_path / "new" / "instance").stat().st_mode & 0o077 == 0
