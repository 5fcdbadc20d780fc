"""A process of its own for some work, killed at a step of it as a machine is that loses power."""

import os
import signal
from smtplib import SMTP

from sqlalchemy import event

from forum.core.db import db


def killed(world, act, step):
    """Have `act` done elsewhere, killed before its step-th statement, commit or line of SMTP.

    Gives whether it came so far.
    """
    with world.app.app_context():
        db.engine.dispose()  # a connection must not be shared with it
    child = os.fork()
    if child == 0:
        _act_and_die(world, act, step)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _act_and_die(world, act, step):
    left = [step]

    def count(*_args, **_more):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        world.chance.seed(os.getpid())  # or ids drawn here would be drawn once more
        with world.app.app_context():
            for hook in ("before_cursor_execute", "commit", "begin"):
                event.listen(db.engine, hook, count)
        told = SMTP.send

        def send(server, line):
            count()
            return told(server, line)

        SMTP.send = send
        act()
    finally:
        os._exit(0)
