"""PDF of an HTML page, made by a process of its own while this one waits.

The process sees the page alone, through a pipe: nothing is stored. One runs at a time on a host, so
that long records hold up nobody else.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from signal import SIGSEGV
from time import monotonic, sleep

from flask import current_app

from forum.core.errors import Busy


class PdfFailed(Exception):
    """No PDF was made: a library is missing on this machine, or the record is too long."""


WRITER = Path(__file__).with_name("pdf_writer.py")
WAIT = 1  # seconds for another PDF to be done: whoever waits holds a thread of the web server
LONGEST = 100  # seconds for one PDF, below the web server's own patience
ATTEMPTS = 2  # Pango and fontconfig now and then end in a fault that the next start does not meet
LOCK = "pdf.lock"
SURROUNDINGS = ("PATH", "HOME", "LANG")  # of the process; all others may hold passwords


def pdf(html: str) -> bytes:
    """A tagged PDF (PDF/UA-1). Raises Busy while another is made for longer than WAIT, and
    PdfFailed.
    """
    until = monotonic() + WAIT + LONGEST
    with _alone():
        for _ in range(ATTEMPTS):
            done = _written(html, until - monotonic())
            if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
                return done.stdout
            current_app.logger.error("learning: the PDF writer ended with %s", done.returncode)
            if done.returncode != -SIGSEGV:
                break
    raise PdfFailed


def _written(html: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """The writer, ended. Raises PdfFailed after so many seconds."""
    try:
        return subprocess.run(  # noqa: S603  # no word of a member is in the command
            [sys.executable, "-I", str(WRITER)],
            input=html.encode(),
            capture_output=True,
            timeout=seconds,
            env={name: os.environ[name] for name in SURROUNDINGS if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        current_app.logger.error("learning: a PDF took longer than %s seconds", LONGEST)
        raise PdfFailed from error


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the host's lock for PDFs. Raises Busy."""
    until = monotonic() + WAIT
    with (Path(current_app.config["INSTANCE"]) / LOCK).open("ab") as lock:
        while True:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
                break
            except BlockingIOError as error:
                if monotonic() > until:
                    raise Busy from error
                sleep(0.2)
        yield
