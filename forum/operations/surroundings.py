"""Checks of what stands around an installation: owners of files, worker, certificate, copies."""

import fcntl
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

from flask import current_app

from forum.core import last_runs
from forum.core.clock import now
from forum.core.db import db
from forum.operations import watching
from forum.operations.findings import Finding, number_of
from forum.web import limits

TIMEOUT = 5  # seconds
LEAST_DAYS = 14  # that a certificate must last


def of_installation() -> Iterator[Finding]:
    """All checks of this module, lazily."""
    yield _mode()
    yield _owners()
    yield _worker()
    yield _disk()
    yield _limits()
    yield _copies()
    yield _certificate()


def _mode() -> Finding:
    site = current_app.config["SITE_URL"]
    if current_app.config["PRODUCTION"]:
        return Finding(True, f"It runs in production, and links begin with {site}.")
    return Finding(
        True,
        f"It runs in development: links begin with {site}, and cookies pass unencrypted. For"
        " members set FORUM_ENV=production.",
    )


def _owners() -> Finding:
    """Whether all files belong to the owner of the instance, who runs the forum."""
    instance = Path(current_app.config["INSTANCE"])
    owner = instance.stat().st_uid
    folders = [
        each for each in (instance, Path(current_app.config["SEARCH_INDEX"])) if each.exists()
    ]
    files = (path for folder in folders for path in (folder, *folder.rglob("*")))
    foreign = [path for path in files if path.lstat().st_uid != owner]
    if foreign:
        many = number_of(len(foreign), "file belongs", "files belong")
        among = " among them" if len(foreign) > 1 else ""
        return Finding(
            False,
            f"{many} to another user than {instance.name}, {foreign[0].name}{among}. Run:"
            f" chown -R {owner} {' '.join(map(str, folders))}",
        )
    return Finding(True, "All files belong to the user that runs the forum.")


def _worker() -> Finding:
    """Whether the worker runs, where the forum does: it empties the write-ahead log each minute,
    whose order would tell when a hidden name wrote.
    """
    if not _is_running():
        return Finding(True, "The forum does not run now, so its worker was not looked for.")
    if last_runs.is_recent():
        is_sqlite = db.engine.dialect.name == "sqlite"
        log = " Each minute it empties the write-ahead log." if is_sqlite else ""
        return Finding(True, f"The worker runs.{log}")
    return Finding(
        False,
        "The worker has not run for five minutes: emails wait, hidden names do not appear, and"
        " the write-ahead log shows the order of writing. Run: systemctl restart forum-worker",
    )


def _is_running() -> bool:
    with (Path(current_app.config["INSTANCE"]) / "running.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _disk() -> Finding:
    if watching.disk_is_low():
        return Finding(False, "Less than 5 % of the disk is left. Soon nothing can be written.")
    return Finding(True, "The disk has more than 5 % left.")


def _limits() -> Finding:
    """Whether Redis counts in memory alone: a counter of posts ends so many hours after the second
    at which its account began to write, behind a hidden name too.
    """
    if not current_app.config["REDIS_URL"]:
        return Finding(True, "Limits are counted in this machine's memory.")
    match limits.are_written():
        case None:
            return Finding(
                True,
                "Redis could not be asked whether it writes to a disk. It must not: see"
                " docs/operating/hosts.md.",
                warns=True,
            )
        case True:
            return Finding(
                False,
                "Redis writes to a disk at which second accounts posted, behind hidden names too."
                ' Give it save "" and appendonly no: see docs/operating/hosts.md.',
            )
    return Finding(True, "Redis counts in memory alone.")


def _copies() -> Finding:
    hours = current_app.config["COPIES_WITHIN"]
    if late := watching.late_copies():
        return Finding(
            False,
            f"No copy of {' and '.join(late)} was made within"
            f" {number_of(hours, 'hour', 'hours')}. See:"
            " systemctl status forum-copy",
        )
    if not hours:
        return Finding(True, "COPIES_WITHIN is not set, so the age of copies is not looked at.")
    return Finding(True, f"Copies were made within {number_of(hours, 'hour', 'hours')}.")


def _certificate() -> Finding:
    """Whether browsers trust the site's certificate, and for how long."""
    site = urlsplit(current_app.config["SITE_URL"])
    if site.scheme != "https":
        return Finding(True, "The site is not https, so there is no certificate to look at.")
    place = (site.hostname or "", site.port or 443)
    try:
        with (
            create_connection(place, TIMEOUT) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=place[0]) as wire,
        ):
            known = wire.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Finding(False, f"Browsers do not trust the certificate: {error.verify_message}.")
    except OSError as error:
        said = f"The site does not answer at {site.netloc} ({type(error).__name__})"
        return Finding(True, f"{said}, so its certificate was not looked at.")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(known["notAfter"])), UTC)
    days = (ends - now()).days
    return Finding(
        days >= LEAST_DAYS, f"The certificate lasts {number_of(days, 'day', 'days')} more."
    )
