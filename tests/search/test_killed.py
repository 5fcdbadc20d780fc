"""A worker killed while it makes vectors: words are found, and no withdrawn post leaves one."""

import os
import signal
import time
import traceback
from contextlib import contextmanager
from itertools import count
from random import Random

import pytest

from bench.reports import Reports
from config import Config
from forum.core.db import db
from forum.search import vector_jobs
from forum.search.engine.vectors import packed
from forum.search.sentence_encoder import MiniLm
from forum.search.services import build_due
from tests.killing import killed
from tests.search.searching import found, rows_kept, withdraw
from tests.search.stand_in import StandIn, catch_up, install
from tests.search.test_sentence_encoder import needs_model
from tests.world import World

FALCON = "A falcon sat there"
MANY = 12  # posts: more than the worker takes at once
PATIENCE = 60  # seconds
FIRST_STEP = 1 if os.environ.get("PROOF") else 9  # the file is written at the last of twelve


class Pausing(StandIn):
    """Pauses before the vector of one text: tells so in a pipe, and waits for another."""

    def __init__(self, text, told, go):
        super().__init__()
        self._text, self._told, self._go = text, told, go

    def vector(self, text):
        if text == self._text:
            os.write(self._told, b".")
            os.read(self._go, 1)
        return super().vector(text)


class Worker:
    """A worker in a process of its own."""

    def __init__(self, world, act):
        with world.app.app_context():
            db.engine.dispose()  # a connection must not be shared with it
        self._alive, self.pid = True, os.fork()
        if self.pid == 0:
            try:
                act()
                os._exit(0)
            finally:
                traceback.print_exc()
                os._exit(1)

    def kill(self):
        """End it as a machine does that loses power."""
        if self._alive:
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self._alive = False
            assert os.WIFSIGNALED(status), "it had come to its end"

    def end(self):
        """Wait until it is through."""
        _, status = os.waitpid(self.pid, 0)
        self._alive = False
        assert status == 0


@contextmanager
def paused(world, text):
    """A worker that stands before the vector of a text; `go_on` lets it come to its end."""
    (heard, told), (gone, go) = os.pipe(), os.pipe()

    def act():
        world.restart()
        install(world, Pausing(text, told, gone))
        catch_up(world)

    worker = Worker(world, act)
    os.close(told)

    def go_on():
        os.write(go, b".")
        worker.end()

    worker.go_on = go_on
    try:
        assert os.read(heard, 1) == b".", "it never came so far"
        yield worker
    finally:
        worker.kill()
        for end in (heard, gone, go):
            os.close(end)


def afresh(world):
    """Begin a new process on the same folder; gives its encoder."""
    world.restart()
    return install(world)


@pytest.mark.leaks
def test_a_worker_killed_between_two_vectors_goes_on_with_the_next_run(world):
    texts = [f"A falcon and number{chr(97 + number)}" for number in range(MANY)]
    for text in texts:
        world.reply("ray", text)
    with paused(world, texts[vector_jobs.AT_ONCE + 1]) as worker:
        worker.kill()
    encoder = afresh(world)

    assert len(rows_kept(world)) == vector_jobs.AT_ONCE
    assert all(found(world, "mo", text.split()[-1])[0] == text for text in texts)
    catch_up(world)

    assert len(rows_kept(world)) == MANY + 1
    made = [text for text in encoder.called if text in texts]
    assert len(made) == MANY + 1 - vector_jobs.AT_ONCE - ("A hard morning." in made)
    assert len(found(world, "mo", "kestrel")) == MANY


@pytest.mark.leaks
@pytest.mark.parametrize("then", ["goes on", "is killed"])
def test_a_post_withdrawn_while_another_process_makes_its_vector_leaves_none(world, then):
    reply_id = world.reply("ray", FALCON)
    world.reply("fay", "A hawk on a wire")
    row = packed(StandIn().vector(FALCON))

    with paused(world, FALCON) as worker:
        withdraw(world, "ray", reply_id)
        assert found(world, "mo", "falcon") == []
        if then == "goes on":
            worker.go_on()
        else:
            worker.kill()

    afresh(world)
    assert row not in rows_kept(world)
    assert found(world, "mo", "wire") == ["A hawk on a wire"]
    catch_up(world)
    assert row not in rows_kept(world)
    assert found(world, "mo", "kestrel") == ["A hawk on a wire"]


@pytest.mark.leaks
@pytest.mark.proof("D4")
def test_a_worker_killed_at_any_step_leaves_nothing_of_a_withdrawn_post(tmp_path, figure):
    """Fails when a vector outlives its post in a file that a killed worker left half-written."""
    row = packed(StandIn().vector(FALCON))
    for step in count(FIRST_STEP):
        world = World(tmp_path / str(step))
        reply_id = world.reply("ray", FALCON)
        world.reply("fay", "A hawk on a wire")
        with world.app.app_context():
            build_due()

        def compute(world=world):
            install(world)
            with world.app.app_context():
                vector_jobs.catch_up(lambda: False)

        was_killed = killed(world, compute, step, anywhere=True)
        afresh(world)
        assert found(world, "mo", "falcon wire")[0] in (FALCON, "A hawk on a wire")
        assert (row in rows_kept(world)) or was_killed
        withdraw(world, "ray", reply_id)
        assert FALCON not in found(world, "mo", "falcon")
        assert row not in rows_kept(world)
        catch_up(world)
        assert row not in rows_kept(world)
        assert found(world, "mo", "kestrel") == ["A hawk on a wire"]
        if not was_killed:
            break

    figure(f"a worker killed at steps {FIRST_STEP} to {step - 1} of storing vectors")
    assert step > FIRST_STEP + 1


@needs_model
@pytest.mark.leaks
def test_a_worker_killed_with_the_model_at_work_goes_on(tmp_path):
    world, reports = World(tmp_path, MEANING=Config.MEANING), Reports(None, Random(7))
    texts = [reports.one()[1] for _ in range(4 * vector_jobs.AT_ONCE)]
    posts = [world.reply("ray", text) for text in texts]
    with world.app.app_context():
        build_due()

    def compute():
        world.restart()
        catch_up(world)

    worker, end = Worker(world, compute), time.monotonic() + PATIENCE
    while not rows_kept(world):
        assert time.monotonic() < end
        time.sleep(0.01)
    worker.kill()
    world.restart()

    stored = len(rows_kept(world))
    assert 0 < stored < len(texts)
    assert found(world, "mo", f'"{" ".join(texts[-1].split()[:3])}"') == [texts[-1]]
    withdraw(world, "ray", posts[0])
    withdraw(world, "ray", posts[-1])
    catch_up(world)

    model, rows = MiniLm(Config.MEANING), rows_kept(world)
    assert len(rows) == len(texts) + 1 - 2
    assert packed(model.vector(texts[1])) in rows
    assert packed(model.vector(texts[0])) not in rows
    assert packed(model.vector(texts[-1])) not in rows
