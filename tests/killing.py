"""A process of its own for some work, killed at a step of it as a machine is that loses power."""

import os
import signal
import sys
import traceback
from contextlib import contextmanager
from smtplib import SMTP

from sqlalchemy import event

from forum.core.db import db
from forum.core.key_stores import SqliteKeyStore


def killed(world, act, step, *, anywhere=False):
    """Have `act` done elsewhere, killed before its step-th statement, commit or line of SMTP.

    anywhere: steps of the key store and changes of files count as well. Gives whether it came so
    far.
    """
    with world.app.app_context():
        db.engine.dispose()  # a connection must not be shared with it
    child = os.fork()
    if child == 0:
        _act_and_die(world, act, step, anywhere)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it failed, and was not killed"
    return os.WIFSIGNALED(status)


def _act_and_die(world, act, step, anywhere):
    left = [step]

    def count(*_args, **_more):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        if anywhere:
            world.restart()  # with a key store of its own
        world.chance.seed(os.getpid())  # or ids drawn here would be drawn once more
        with world.app.app_context():
            for hook in ("before_cursor_execute", "commit", "begin"):
                event.listen(db.engine, hook, count)
        _count_letters(count)
        if anywhere:
            _count_keys_and_files(count)
        act()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def _count_letters(count):
    told = SMTP.send

    def send(server, line):
        count()
        return told(server, line)

    SMTP.send = send


def _count_keys_and_files(count):
    opened = SqliteKeyStore._opened

    @contextmanager
    def counted(keys):
        count()
        with opened(keys) as rows:
            yield rows
            count()  # before it is committed

    def on_disk(name, _args):
        if name in ("os.link", "os.rename", "os.remove"):
            count()

    SqliteKeyStore._opened = counted
    sys.addaudithook(on_disk)
