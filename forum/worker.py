"""Clocked work: a bell rings once a minute, and what is due is read from the database.

A ring that is lost loses nothing, and of two that meet each finds only what is left to do. Letters
need not wait for the minute: as soon as one is committed, the bell is rung for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from traceback import extract_tb

from flask import Flask, current_app, has_request_context
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from forum.accounts import services as accounts
from forum.audit import checkpoints
from forum.circles import answering_rota, closing, invitations, member_names
from forum.core.db import db, rebuild_file, truncate_log, unit_of_work
from forum.core.events import on
from forum.core.instance_lock import share
from forum.discussions import jobs
from forum.mail import outbox as mail
from forum.mail.events import EmailQueued
from forum.moderation import jobs as moderation
from forum.notifications import digests
from forum.offboarding import jobs as offboarding
from forum.search import services as search
from forum.web.after_response import after_response

LOOKS = 1.0  # seconds, at most, between two looks at whether the bell was rung


@dataclass(frozen=True, slots=True)
class Job:
    """Something to see to at each ring. `act` does what is due, and may count it.

    is_logged: whether the log says how much. Of letters it does not: members chose the minute of
    theirs, and a line at that minute would tell who had read everything and who had not.
    """

    name: str
    act: Callable[[], int | None]
    is_logged: bool = True


def _kept(act: Callable[[], int | None]) -> Callable[[], int | None]:
    """The same work, committed."""

    def kept() -> int | None:
        with unit_of_work():
            return act()

    return kept


LETTERS = (Job("mail.sent", lambda: mail.send_due(digests.leaves_at), is_logged=False),)
JOBS = (
    *LETTERS,
    Job("mail.purged", _kept(mail.purge)),
    Job("digests.planned", digests.begin_all),
    Job("digests.made", digests.run, is_logged=False),
    Job("accounts.purged", _kept(accounts.purge)),
    Job("bylines.written", member_names.write_bylines),
    Job("invitations.purged", _kept(invitations.purge)),
    Job("invitations.ended", invitations.end_unvouched),
    Job("rota.turned", _kept(answering_rota.turn_due)),
    Job("discussions.settled", lambda: sum(jobs.settle().values())),
    Job("moderation.settled", moderation.settle),
    Job("offboarding.settled", offboarding.settle),
    Job("circles.closed", closing.close_due),
    Job("search.built", search.build_due),
    Job("search.swept", search.sweep),
    Job("log.heads", checkpoints.keep),
    Job("pages.laid", lambda: None if rebuild_file() else 0),
    Job(
        "log.emptied", lambda: None if truncate_log() else 0
    ),  # last: it buries what the others did
)


def run_due_jobs(jobs: tuple[Job, ...] = JOBS) -> dict[str, int]:
    """Do all that is due; gives how much of each. A job that fails is logged and stops no other."""
    done = {job.name: _done(job) for job in jobs}
    return {name: count for name, count in done.items() if count}


def _done(job: Job) -> int:
    try:
        count = job.act() or 0
    except Exception as error:  # whatever it was, the next job has its turn
        place = extract_tb(error.__traceback__)[-1]
        said = (job.name, type(error).__name__, place.name, place.lineno)
        current_app.logger.error("worker: %s failed with %s in %s, line %s", *said)
        return 0
    finally:
        db.session.remove()
    if count and job.is_logged:
        current_app.logger.warning("worker: %s %s", job.name, count)
    return count


@dataclass(frozen=True, slots=True)
class Bell:
    """What rings. `for_letters` asks for one ring more, which says of nobody and of no time."""

    huey: Huey
    for_letters: Callable[[], object]


def bell(app: Flask) -> Bell:
    """The bell: in a file of this installation, or in Redis where several hosts share one."""
    if app.config["REDIS_URL"]:
        huey: Huey = RedisHuey("forum", url=app.config["REDIS_URL"], results=False)
    else:
        huey = SqliteHuey("forum", filename=str(app.config["BELL_FILE"]), results=False)

    def rung() -> None:
        with app.app_context():
            run_due_jobs()

    def rung_for_letters() -> None:
        with app.app_context():
            run_due_jobs(LETTERS)

    huey.periodic_task(crontab(), name="ring", expires=60)(rung)
    return Bell(huey, huey.task(name="letters")(rung_for_letters))


def listen(app: Flask) -> None:
    """Ring for letters once they are committed. Where no worker runs, one ring waits for it."""
    own = cache(lambda: bell(app))  # made with the first letter: it opens a file

    def call() -> None:
        if not own().huey.pending_count():  # what is asked for already finds every letter
            own().for_letters()

    def letter_queued(_event: EmailQueued) -> None:
        if has_request_context():
            after_response(call)  # or the time of the answer would tell that a letter leaves
        else:
            call()

    on(app.extensions["listeners"], EmailQueued, letter_queued)


def run(app: Flask) -> None:
    """Ring until told to stop; a ring that has begun is finished first. Raises NotNow."""
    share(app.config["INSTANCE"])
    with app.app_context():
        run_due_jobs()
    told = {"graceful_signal": "TERM", "shutdown_timeout": 4}
    Consumer(bell(app).huey, workers=1, max_delay=LOOKS, **told).run()
