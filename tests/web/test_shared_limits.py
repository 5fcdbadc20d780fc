"""Counters that several web processes share, in memory alone."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from flask_migrate import upgrade
from limits.errors import StorageError

from forum.web import limits, shared_limits
from forum.web.shared_limits import MEMORY, NAME, SharedLimits
from tests.journeys.installation import Installation
from tests.world import World

pytestmark = pytest.mark.leaks


@pytest.fixture
def counters():
    shared = SharedLimits()
    yield shared
    shared.reset()


def test_counters_begin_anew_once_expired(counters):
    assert [counters.incr("a", 1), counters.incr("a", 60), counters.get("a")] == [1, 2, 2]
    assert 0 < counters.get_expiry("a") - time.time() <= 1
    time.sleep(1.05)

    assert counters.get("a") == 0
    assert counters.get_expiry("a") == pytest.approx(time.time(), abs=1)
    assert counters.incr("a", 60, 3) == 3
    counters.clear("a")
    assert (counters.get("a"), counters.check()) == (0, True)


def test_what_has_expired_is_deleted(counters):
    """Fails when memory fills with counters that are over."""
    for number in range(2 * shared_limits.SWEEP_EVERY):
        counters.incr(str(number), 0.000_001)

    assert counters.reset() <= shared_limits.SWEEP_EVERY


def test_forked_processes_count_together(counters):
    """Fails when each process of a server grants the whole limit."""
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                with ThreadPoolExecutor(3) as pool:
                    list(pool.map(lambda _: counters.incr("a", 60), range(100)))
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)

    assert counters.get("a") == 400


def test_counters_lie_in_memory_and_go_with_their_process():
    """Fails when a counter reaches a disk, can be read by others, or outlives the server."""
    made = "from forum.web import shared_limits as s; s.SharedLimits().incr('a', 9);"
    shown = f"{made} print(s._FILE, oct(s._FILE.stat().st_mode), flush=True);"
    done = subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True
    ).stdout.split()
    killed = subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-c", f"{shown} import os; os.kill(os.getpid(), 9)"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()

    mounts = Path("/proc/mounts").read_text()
    assert re.search(rf"^\S+ {MEMORY} tmpfs ", mounts, re.M)
    assert done[1] == "0o100600"
    assert not Path(done[0]).exists()
    assert Path(killed[0]).exists()  # until the next process begins
    shared_limits._new_file()
    assert not Path(killed[0]).exists()
    assert shared_limits._FILE.exists()  # of a process that lives, however it is looked at
    assert done[0].startswith(f"{MEMORY}/{NAME}-{os.geteuid()}-")


def test_no_counter_names_a_person_or_a_network(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI="forum-shared://")
    with world.app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
        limits.take("posts", "3 per hour", world.ids["ray"])
        limits.take_from_network("sign-in", "3 per hour")
    with sqlite3.connect(shared_limits._FILE) as rows:
        keys = [key for (key,) in rows.execute("SELECT key FROM counter")]
    rows.close()
    content = shared_limits._FILE.read_bytes()
    SharedLimits().reset()

    assert len(keys) >= 2
    assert all(re.fullmatch(r"LIMITER/[0-9a-f]{64}/[\w/]+|[0-9a-f]{64}", key) for key in keys)
    for word in (b"203.0.113", b"posts", world.ids["ray"].bytes, world.ids["ray"].hex.encode()):
        assert word not in content


def test_counting_that_fails_refuses(tmp_path):
    broken = tmp_path / "file"
    broken.write_bytes(b"nothing of SQLite's" * 100)

    with pytest.raises(StorageError):
        SharedLimits(wrap_exceptions=True, path=broken).incr("a", 60)


def test_a_server_of_several_processes_keeps_one_limit(tmp_path, monkeypatch):
    """Fails when strangers get as many tries as there are processes."""
    monkeypatch.setenv("WEB_WORKERS", "3")
    (tmp_path / "settings.json").write_text('{"SIGN_INS_A_NETWORK": "12 per hour"}')
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    forum.serve()
    try:
        statuses = [try_to_sign_in(forum.url, number) for number in range(24)]
    finally:
        forum.close()

    assert statuses.count(429) == 12, statuses


def try_to_sign_in(url, number):
    """Status of an attempt with a wrong password, for an account of its own."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{url}/sign-in") as page:
        cookies = [value.partition(";")[0] for value in page.headers.get_all("Set-Cookie") or []]
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.read().decode())[1]
    fields = {"csrf_token": token, "email": f"x{number}@example.org"}
    fields |= {"password": "wrong words", "device": "shared"}
    headers = {"Cookie": "; ".join(cookies)}
    sent = Request(f"{url}/sign-in", urlencode(fields).encode(), headers)  # noqa: S310  # ours
    try:
        with opener.open(sent) as answer:
            return answer.status
    except HTTPError as error:
        error.close()
        return error.code
