"""D4. A server that is killed while many write loses nothing that it acknowledged, and shows what
waited for its slot once. Where each statement may be the last, see
tests/operations/test_bad_days.py."""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from threading import Event
from urllib.parse import urlencode
from urllib.request import Request

from sqlalchemy import select, text

from bench.browser import Browser, Form
from forum.audit import queries as audit
from forum.core.db import db
from forum.discussions.models import Reply
from tests import engine
from tests.journeys.installation import Installation
from tests.world import EVENING, PASSWORD, World

KILLS, EACH = (12, 8) if os.environ.get("PROOF") else (2, 3)  # and acknowledged between two
PEOPLE = {"ray": "own_name", "ivy": "thread_pseudonym", "joe": "circle_voice"}
HANGS_UP = 2  # seconds, where nobody answers
PATIENCE = 60  # seconds until so many were acknowledged


class Writer(Browser):
    """Somebody who answers again and again; `kept` is what the server said it had."""

    def __init__(self, url, who):
        super().__init__(url)
        self.sign_in(f"{who}@example.org", PASSWORD)
        self.who, self.kept, self._numbers = who, [], count()

    def write(self, thread, stopped):
        """Until the server is gone."""
        while not stopped.is_set():
            with suppress(OSError, HTTPException):
                self._answer(thread)

    def _answer(self, thread):
        composer, at = self._open(f"{thread}/answer")
        body = f"Written as {PEOPLE[self.who].replace('_', ' ')}, {next(self._numbers)}."
        page, where = self._press(at, composer, body=body, do=PEOPLE[self.who])
        if PEOPLE[self.who] != "own_name":
            page, where = self._press(where, page)
        assert thread in where
        self.kept.append(body)

    def _press(self, at, page, **fields):
        sent = urlencode(Form(page.decode()).values | fields).encode()
        return self._open(at, sent)

    def _open(self, path, sent=None):
        asked = Request(self.site + path, sent)  # noqa: S310  # a path of ours
        with self._opener.open(asked, timeout=HANGS_UP) as answer:
            return answer.read(), answer.url.removeprefix(self.site)


def test_kill9(tmp_path, figure):
    """Fails when an answer is sent before its commit, or when a masked post waits in memory."""
    world = World(tmp_path)
    forum = Installation(tmp_path)
    forum.serve()
    writers = [Writer(forum.url, who) for who in PEOPLE]
    for killed in range(1, KILLS + 1):
        stopped = Event()
        with ThreadPoolExecutor(len(writers)) as pool:
            done = [pool.submit(each.write, world.thread, stopped) for each in writers]
            end = time.monotonic() + PATIENCE
            while min(len(each.kept) for each in writers) < killed * EACH:
                assert time.monotonic() < end, [each.kept for each in writers]
                time.sleep(0.01)
            forum.kill()
            stopped.set()
            for each in done:
                each.result()
        forum.serve()

    kept = [body for each in writers for body in each.kept]
    forum.turn_clock(EVENING)
    said = Counter()
    with forum.app.app_context():
        said.update(reply.body for reply in db.session.scalars(select(Reply)))
        if not engine.IS_POSTGRESQL:
            assert db.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert {audit.fault(chain) for chain in audit.heads()} == {None}
    reader = Browser(forum.url)
    reader.sign_in("mo@example.org", PASSWORD)
    pages = b"".join(
        reader.get(f"{world.thread}?page={n}")[0] for n in range(1, 2 + len(said) // 50)
    )
    forum.close()

    assert [body for body in kept if said[body] != 1] == []
    assert max(said.values()) == 1
    assert [body for body in kept if pages.count(f">{body}<".encode()) != 1] == []
    figure(f"{len(kept)} acknowledged over {KILLS} kills, each there once")
