"""Clocked work: a task runs once a minute, and due work is read from the database.

A lost run loses nothing, and of two simultaneous runs each finds only the remaining work. Emails
need not wait for the minute: a task is queued for them on commit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from traceback import extract_tb

from flask import Flask, current_app, has_request_context
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from forum.accounts import address_corrections
from forum.accounts import services as accounts
from forum.audit import checkpoints
from forum.circles import (
    answering_rota,
    applicants,
    closing,
    group_links,
    invitations,
    joining,
    member_names,
    pair_requests,
)
from forum.core import host_locks, last_runs
from forum.core.db import db, unit_of_work
from forum.core.events import on
from forum.core.instance_lock import share
from forum.core.maintenance import rebuild_file, truncate_log
from forum.discussions import jobs, retention
from forum.mail import outbox as mail
from forum.mail.events import EmailQueued
from forum.moderation import jobs as moderation
from forum.notifications import digests
from forum.offboarding import jobs as offboarding
from forum.search import services as search
from forum.search import vector_jobs
from forum.web.after_response import after_response

POLL_INTERVAL = 1.0  # seconds, at most, between two polls of the queue
SPARE = 45.0  # seconds of a minute, at most, for work that can wait


@dataclass(frozen=True, slots=True)
class Job:
    """Work done on each run. `act` does the due part, and may return a count.

    is_logged: the count is logged. Never for emails: members chose the minute, and a line at that
    time would reveal who had unread posts and who had none.
    """

    name: str
    act: Callable[[], int | None]
    is_logged: bool = True


def _committed(act: Callable[[], int | None]) -> Callable[[], int | None]:
    """Wrap a function in a unit of work."""

    def committed() -> int | None:
        with unit_of_work():
            return act()

    return committed


EMAIL_JOBS = (
    Job("mail.sent", lambda: mail.send_due(digests.leaves_at, joining.opens), is_logged=False),
)
JOBS = (
    *EMAIL_JOBS,
    Job("mail.purged", _committed(mail.purge)),
    Job("digests.planned", digests.begin_all),
    Job("digests.made", digests.run, is_logged=False),
    Job("accounts.purged", _committed(accounts.purge)),
    Job("addresses.corrected", address_corrections.change_due),
    Job("accounts.secrets", _committed(accounts.draw_learning_secrets)),
    Job("bylines.written", member_names.write_bylines),
    Job("invitations.purged", _committed(invitations.purge)),
    Job("applicants.purged", _committed(applicants.purge)),
    Job("group_links.purged", _committed(group_links.purge)),
    Job("invitations.ended", invitations.end_unvouched),
    Job("pairs.dropped", pair_requests.drop_suspended, is_logged=False),  # it would tell of asking
    Job("rota.turned", _committed(answering_rota.turn_due)),
    Job("discussions.settled", lambda: sum(jobs.settle().values())),
    Job("discussions.erased", jobs.erase),
    Job("discussions.gone", retention.erase_due),
    Job("moderation.settled", moderation.settle),
    Job("offboarding.settled", offboarding.settle),
    Job("offboarding.forgotten", offboarding.forget_accounts),
    Job("conversations.rested", jobs.rest_conversations),
    Job("circles.closed", closing.close_due),
    Job("search.built", search.build_due),
    Job("search.swept", search.sweep),
    Job("log.heads", checkpoints.keep),
    Job("pages.laid", lambda: None if rebuild_file() else 0),
    Job("log.emptied", lambda: None if truncate_log() else 0),  # last: covers all writes above
)


def run_due_jobs(jobs: tuple[Job, ...] = JOBS) -> dict[str, int]:
    """Run all jobs; returns the non-zero counts by job. A failing job is logged and stops no
    other.
    """
    done = {job.name: _done(job) for job in jobs}
    if jobs is JOBS:
        last_runs.note_run()
    return {name: count for name, count in done.items() if count}


def use_spare_time(busy: Callable[[], bool]) -> None:
    """Do work that nobody waits for, until the minute is nearly over or a task is queued."""
    stop = vector_jobs.until(SPARE, busy)
    _done(Job("search.vectors", lambda: vector_jobs.catch_up(stop), is_logged=False))


def _done(job: Job) -> int:
    try:
        count = job.act() or 0
    except Exception as error:  # any failure: the next job still runs
        place = extract_tb(error.__traceback__)[-1]
        parts = (job.name, type(error).__name__, place.name, place.lineno)
        current_app.logger.error("worker: %s failed with %s in %s, line %s", *parts)
        return 0
    finally:
        db.session.remove()
    if count and job.is_logged:
        current_app.logger.warning("worker: %s %s", job.name, count)
    return count


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """Task queue. `for_emails` queues an extra run for emails, without recipient or time."""

    huey: Huey
    for_emails: Callable[[], object]


def task_queue(app: Flask) -> TaskQueue:
    """Task queue: a file of this installation, or Redis shared by several hosts."""
    if app.config["REDIS_URL"]:
        huey: Huey = RedisHuey("forum", url=app.config["REDIS_URL"], results=False)
    else:
        huey = SqliteHuey("forum", filename=str(app.config["BELL_FILE"]), results=False)

    def run_all_jobs() -> None:
        with app.app_context():
            run_due_jobs()
            use_spare_time(lambda: huey.pending_count() > 0)

    def run_email_jobs() -> None:
        with app.app_context():
            run_due_jobs(EMAIL_JOBS)

    huey.periodic_task(crontab(), name="ring", expires=60)(run_all_jobs)
    return TaskQueue(huey, huey.task(name="letters")(run_email_jobs))


def listen(app: Flask) -> None:
    """Queue a run for emails on commit; without a worker, one run stays queued."""
    own = cache(lambda: task_queue(app))  # created with the first email, since it opens a file

    def call() -> None:
        if not own().huey.pending_count():  # a queued run will find every email
            own().for_emails()

    def email_queued(_event: EmailQueued) -> None:
        if has_request_context():
            after_response(call)  # otherwise the response time would reveal the email
        else:
            call()

    on(app.extensions["listeners"], EmailQueued, email_queued)


def run(app: Flask) -> None:
    """Run the worker until a signal; a run in progress is finished first. Raises NotNow."""
    share(app.config["INSTANCE"])
    host_locks.keep(app.config["LOCKS_URL"])
    with app.app_context():
        run_due_jobs()
    options = {"graceful_signal": "TERM", "shutdown_timeout": 4}
    Consumer(task_queue(app).huey, workers=1, max_delay=POLL_INTERVAL, **options).run()
