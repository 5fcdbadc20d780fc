"""Clocked work: a task runs once a minute, and due work is read from the database.

A lost run loses nothing, and of two simultaneous runs each finds only the remaining work. Emails
need not wait for the minute: a task is queued for them on commit.

Each host rings for itself. Shared jobs are done by the first host of a minute, local jobs by all.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from traceback import extract_tb

from flask import Flask, current_app, g, has_request_context
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from forum.accounts import address_corrections, passkeys, sessions
from forum.accounts import jobs as account_jobs
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
    membership,
    pair_requests,
)
from forum.core import host_locks, last_runs
from forum.core.db import end_session, unit_of_work
from forum.core.events import on
from forum.core.host_locks import once_for_all
from forum.core.instance_lock import NotNow, share
from forum.core.keys import key_ring
from forum.core.maintenance import night_is_due, one_night, rebuild_file, truncate_write_ahead_log
from forum.discussions import jobs, read_marks, retention
from forum.mail import outbox as mail
from forum.mail.events import EmailQueued
from forum.moderation import jobs as moderation
from forum.notifications import digests
from forum.offboarding import jobs as offboarding
from forum.safety import jobs as safety
from forum.search import services as search
from forum.search import vector_jobs
from forum.web.after_response import after_response
from forum.web.host_guard import must_rest

POLL_INTERVAL = 1.0  # seconds, at most, between two polls of the queue
REDIS_WAIT = 2  # seconds, at most, for Redis to answer; longer than it waits for an item itself
SPARE = 45.0  # seconds of a minute, at most, for work that can wait
A_TURN = 45.0  # seconds for which the shared jobs of a minute are done


@dataclass(frozen=True, slots=True)
class Job:
    """Work done on each run. `act` does the due part, and may return a count.

    is_logged: the count is logged. Never for emails: members chose the minute, and a line at that
    time would reveal who had unread posts and who had none.
    is_local: done by each host, on files of its own; other jobs once for all hosts.
    """

    name: str
    act: Callable[[], int | None]
    is_logged: bool = True
    is_local: bool = False


def _committed(act: Callable[[], int | None]) -> Callable[[], int | None]:
    """Wrap a function in a unit of work."""

    def committed() -> int | None:
        with unit_of_work():
            return act()

    return committed


def _once_a_night(act: Callable[[], None]) -> Callable[[], None]:
    """Let a function run before the night's rewriting of the file alone."""

    def at_night() -> None:
        if night_is_due():
            act()

    return at_night


def _seal_read_marks() -> None:
    read_marks.seal_all_anew(offboarding.read_marks_to_empty)


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
    Job("rota.turned", answering_rota.turn_due),
    Job("discussions.settled", lambda: sum(jobs.settle().values())),
    Job("discussions.erased", jobs.erase),
    Job("discussions.gone", retention.erase_due),
    Job("moderation.settled", moderation.settle),
    Job("safety.settled", safety.settle, is_logged=False),  # it would tell of asking
    Job("offboarding.settled", offboarding.settle),
    Job("offboarding.forgotten", offboarding.forget_accounts),
    Job("conversations.rested", jobs.rest_conversations),
    Job("circles.closed", closing.close_due),
    Job("search.built", search.build_due, is_local=True),
    Job("search.swept", search.sweep, is_local=True),
    Job("search.evicted", search.evict, is_local=True),
    Job("log.heads", checkpoints.keep_new),
    Job("marks.sealed", _once_a_night(_seal_read_marks)),
    Job(membership.SEALED, _once_a_night(membership.seal_all_anew), is_logged=False),
    Job(sessions.PURGED, _once_a_night(sessions.purge), is_logged=False),
    Job(digests.SEALED, _once_a_night(digests.seal_all_anew), is_logged=False),
    Job(account_jobs.JOB, account_jobs.move_if_due, is_logged=False),
    Job(account_jobs.SEALED, _once_a_night(account_jobs.seal_all_anew), is_logged=False),
    Job(passkeys.SEALED, _once_a_night(passkeys.seal_all_anew), is_logged=False),
    Job("file.rebuilt", lambda: None if rebuild_file() else 0),
    # last: covers all writes above
    Job("write_ahead_log.emptied", lambda: None if truncate_write_ahead_log() else 0),
)


def run_due_jobs(jobs: tuple[Job, ...] = JOBS, *, by_hand: bool = False) -> dict[str, int]:
    """Run all jobs, or where another host does the shared ones, the local ones; returns the
    non-zero counts by job. A failing job is logged and stops no other.

    by_hand: at an operator's command, whoever had the minute's turn; raises NotNow instead of
    leaving jobs out. Nothing is done while this host must not serve: see `host_guard`.
    """
    if must_rest():
        if by_hand:
            raise NotNow("This host serves nothing now, and does no jobs: /readyz says why.")
        return {}
    is_minute = jobs is JOBS
    with _turn(is_minute=is_minute and not by_hand) as is_mine, one_night():
        if by_hand and not is_mine:
            raise NotNow("A worker does the shared jobs at this moment. Try again in a minute.")
        done = {job.name: _done(job) for job in jobs if is_mine or job.is_local}
    if is_minute:
        last_runs.note_run()
    return {name: count for name, count in done.items() if count}


def use_spare_time(busy: Callable[[], bool]) -> None:
    """Do work that nobody waits for, until the minute is nearly over or a task is queued."""
    stop = vector_jobs.until(SPARE, busy)
    _done(Job("search.vectors", lambda: vector_jobs.catch_up(stop), is_logged=False))


@contextmanager
def _turn(*, is_minute: bool) -> Iterator[bool]:
    """Whether shared jobs are this host's now: nobody else does them, nor did in this minute."""
    store, is_mine = key_ring().store, True
    with ExitStack() as stack:
        if store.is_shared:
            try:
                is_mine = stack.enter_context(once_for_all(current_app.config["LOCKS_URL"]))
                is_mine = is_mine and (not is_minute or store.take_turn("worker", A_TURN))
            except SQLAlchemyError as error:
                current_app.logger.error("worker: no turn, %s", type(error).__name__)
                is_mine = False
        yield is_mine


def _done(job: Job) -> int:
    try:
        count = job.act() or 0
    except Exception as error:  # any failure: the next job still runs
        place = extract_tb(error.__traceback__)[-1]
        parts = (job.name, type(error).__name__, place.name, place.lineno)
        current_app.logger.error("worker: %s failed with %s in %s, line %s", *parts)
        return 0
    finally:
        end_session()
        for name in ("circle_keys", "roots_fit"):  # another host may have changed them meanwhile
            g.pop(name, None)
    if count and job.is_logged:
        current_app.logger.warning("worker: %s %s", job.name, count)
    return count


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """Task queues. `for_emails` queues an extra run for emails, without recipient or time.

    own: of this host, which rings each minute. emails: the same, or Redis, where any host's worker
    takes them.
    """

    own: Huey
    emails: Huey
    for_emails: Callable[[], object]


def _redis_address(url: str) -> str:
    """Address as redis-py reads it, which names a socket otherwise than Flask-Limiter, with a bound
    on waiting: a thread of the web server waits too. Source: redis.connection.parse_url.
    """
    bounds = f"socket_timeout={REDIS_WAIT}&socket_connect_timeout={REDIS_WAIT}"
    return f"{url.removeprefix('redis+')}{'&' if '?' in url else '?'}{bounds}"


def task_queue(app: Flask) -> TaskQueue:
    """Task queues: a file of this installation, and for emails Redis, where several hosts share."""
    own = SqliteHuey("forum", filename=str(app.config["BELL_FILE"]), results=False)
    emails: Huey = own
    if app.config["REDIS_URL"]:
        emails = RedisHuey("forum", url=_redis_address(app.config["REDIS_URL"]), results=False)

    def run_all_jobs() -> None:
        with app.app_context():
            run_due_jobs()
            use_spare_time(lambda: own.pending_count() > 0)

    def run_email_jobs() -> None:
        with app.app_context():
            run_due_jobs(EMAIL_JOBS)

    own.periodic_task(crontab(), name="ring", expires=60)(run_all_jobs)
    return TaskQueue(own, emails, emails.task(name="letters")(run_email_jobs))


def listen(app: Flask) -> None:
    """Queue a run for emails on commit; without a worker, one run stays queued."""
    own = cache(lambda: task_queue(app))  # created with the first email, since it opens a file

    def call() -> None:
        if not own().emails.pending_count():  # a queued run will find every email
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
    host_locks.share(app.config["LOCKS_URL"])
    with app.app_context():
        run_due_jobs()
    options = {"graceful_signal": "TERM", "shutdown_timeout": 4}
    queues = task_queue(app)
    if queues.emails is not queues.own:
        Consumer(queues.emails, workers=1, max_delay=POLL_INTERVAL, periodic=False).start()
    Consumer(queues.own, workers=1, max_delay=POLL_INTERVAL, **options).run()
