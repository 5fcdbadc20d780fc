"""Counts of answers, in memory shared by the web processes, and written to no disk.

Reading pages count by kind, status and time taken. All else, which is writing, signing in, drafting
and searching, counts as one total of a day, and is told once the day is over, to the nearest five:
a count that moves with a single post would date it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from http import HTTPStatus
from mmap import mmap
from threading import Lock
from time import perf_counter
from typing import Any

from flask import Flask, current_app, request

from forum.core.clock import now

KINDS = {  # endpoints of reading pages; a new page counts among all else
    "discussions.home": "home",
    "discussions.index": "circle",
    "discussions.show": "thread",
    "circles.people": "people",
    "help.about": "help",
    "help.index": "help",
    "help.example": "help",
    "help.hiding": "help",
    "help.yourself": "help",
    "help.privacy": "help",
    "help.terms": "help",
    "help.safety": "help",
    "help.complaints": "help",
    "help.accessibility": "help",
    "healthz": "health",
}
NAMES = sorted(set(KINDS.values()))
STATUSES = (200, 302, 303, 304, 400, 403, 404, 410, 413, 429, 500, 503, 0)  # 0: any other
BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0)  # seconds
ROUNDED_TO = 5
ERROR = HTTPStatus.INTERNAL_SERVER_ERROR  # from this status on, the fault is ours
WEB_PROCESSES = 64  # that count at once

_PAGES = len(NAMES) * len(STATUSES)
_TIMES = len(NAMES) * (len(BOUNDS) + 2)  # a bucket each, one beyond, and microseconds in all
_DAYS = 6  # day, requests and errors, of today and of the last day before
_SIZE = _PAGES + _TIMES + _DAYS
_WIDTH = 8  # bytes of a number

Row = tuple[dict[str, Any], float]  # labels, number


class Counts:
    """Numbers of all web processes of a server, of which each adds to a slot of its own.

    To be made before the processes are forked. timer: seconds, from any beginning.
    """

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self._memory = memoryview(mmap(-1, WEB_PROCESSES * _SIZE * _WIDTH)).cast("Q")
        self._turn, self._slot = Lock(), 0
        self.timer = timer

    def take_slot(self, process: int) -> None:
        """Add to the slot of a process from now on. process: its number since the server began."""
        self._slot = process % WEB_PROCESSES

    def add(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        kind = KINDS.get(endpoint) if method in ("GET", "HEAD") else None
        with self._turn:
            if kind:
                self._add_page(NAMES.index(kind), status, seconds)
            elif endpoint not in ("static", "sheet", "manifest", "speak"):
                self._add_to_day(now().date().toordinal(), is_error=status >= ERROR)

    def _add_page(self, kind: int, status: int, seconds: float) -> None:
        place = STATUSES.index(status) if status in STATUSES else len(STATUSES) - 1
        self._increase(kind * len(STATUSES) + place)
        times = _PAGES + kind * (len(BOUNDS) + 2)
        self._increase(times + bisect_left(BOUNDS, seconds))
        self._increase(times + len(BOUNDS) + 1, round(seconds * 1_000_000))

    def _add_to_day(self, day: int, *, is_error: bool) -> None:
        at = self._slot * _SIZE + _PAGES + _TIMES
        if self._memory[at] != day:
            for number in range(3):
                self._memory[at + 3 + number] = self._memory[at + number]
                self._memory[at + number] = 0
            self._memory[at] = day
        self._memory[at + 1] += 1
        self._memory[at + 2] += is_error

    def _increase(self, place: int, by: int = 1) -> None:
        self._memory[self._slot * _SIZE + place] += by

    def _total(self, place: int) -> int:
        return sum(self._memory[each * _SIZE + place] for each in range(WEB_PROCESSES))

    def pages(self) -> Iterator[Row]:
        """Answers since the server began, by kind and status."""
        for place in range(_PAGES):
            kind, status = divmod(place, len(STATUSES))
            if number := self._total(place):
                yield {"kind": NAMES[kind], "status": STATUSES[status] or "other"}, number

    def times(self) -> Iterator[tuple[str, Row]]:
        """A histogram of seconds for each kind, as rows of Prometheus: (suffix, row)."""
        for number, kind in enumerate(NAMES):
            at, so_far = _PAGES + number * (len(BOUNDS) + 2), 0
            for place, bound in enumerate((*BOUNDS, "+Inf")):
                so_far += self._total(at + place)
                yield "_bucket", ({"kind": kind, "le": bound}, so_far)
            yield "_sum", ({"kind": kind}, self._total(at + len(BOUNDS) + 1) / 1_000_000)
            yield "_count", ({"kind": kind}, so_far)

    def of_day(self, day: date) -> tuple[int, int]:
        """All other requests of a day that is over, and errors among them, to the nearest five."""
        found = [0, 0]
        for slot in range(WEB_PROCESSES):
            at = slot * _SIZE + _PAGES + _TIMES
            for first in (at, at + 3):
                if self._memory[first] == day.toordinal():
                    found[0] += self._memory[first + 1]
                    found[1] += self._memory[first + 2]
        requests, errors = (ROUNDED_TO * round(each / ROUNDED_TO) for each in found)
        return requests, errors

    def of_yesterday(self) -> tuple[int, int]:
        """Numbers of `of_day` for yesterday, UTC: they move once, at midnight."""
        return self.of_day(now().date() - timedelta(days=1))


SHARED = Counts()  # of this server, if it forks its processes after loading this module


def init_app(app: Flask) -> None:
    """Count every answer of the application."""
    app.extensions["page_counts"] = SHARED if not app.config["TESTING"] else Counts()

    @app.before_request
    def begin() -> None:
        request.environ["forum.begun"] = page_counts().timer()

    @app.after_request
    def counted(answer: Any) -> Any:
        begun = request.environ.get("forum.begun")
        if begun is not None:
            took = page_counts().timer() - begun
            page_counts().add(request.endpoint or "", request.method, answer.status_code, took)
        return answer


def page_counts() -> Counts:
    """Counts of the running application."""
    counts: Counts = current_app.extensions["page_counts"]
    return counts
