"""People who write without rest, and remember what was acknowledged."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from bench.browser import Form
from forum.policy.terms import AuthorMode

STUBBORN = 40  # seconds for which a text is sent again after 503 or silence
PAUSE = 2.0  # seconds between two texts of one person
FIELD = re.compile(r'name="(csrf_token|sealed_id|form_key)"[^>]* value="([^"]+)"')


@dataclass
class Tally:
    """Everything that all writers met. sent, acknowledged: words by which a text is found again."""

    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    silent: int = 0
    times: list[float] = field(default_factory=list)
    signed_out: int = 0


class Writer(Thread):
    """A member at one address who posts replies, one at a time.

    mode: of the name under which they write.
    """

    mode = AuthorMode.OWN_NAME

    def __init__(self, port: int, number: int, who: tuple[str, str], thread: str, tally: Tally):
        super().__init__(name=f"writer-{number}", daemon=True)
        self._port, self._thread, self._tally = port, thread, tally
        self._address, self._password = who
        self._from = f"10.9.{number // 200}.{number % 200 + 1}"
        self._cookies: dict[str, str] = {}
        self.stopped = Event()

    def run(self) -> None:
        """Write until stopped; whatever fails is tried again."""
        while not self.stopped.is_set():
            try:
                if "s" not in self._cookies:
                    self._sign_in()
                self._write()
            except (OSError, HTTPException, KeyError):
                self._tally.silent += 1
            self.stopped.wait(PAUSE)

    def _sign_in(self) -> None:
        _, _, page = self.ask("GET", "/sign-in")
        fields = Form(page).values | {"email": self._address, "password": self._password}
        self.ask("POST", "/sign-in", fields)

    def _write(self) -> None:
        status, composer, _ = self.ask("GET", f"{self._thread}/answer")
        if status not in (302, 303) or "/sign-in" in composer:
            self._lose_session(status)
            return
        status, _, page = self.ask("GET", composer)
        fields = dict(FIELD.findall(page))
        if status != 200 or "csrf_token" not in fields:
            self._lose_session(status)
            return
        word = f"kestrel{uuid4().hex}"
        self._tally.sent.add(word)
        fields = {k: unescape(v) for k, v in fields.items()}
        self._send(composer, fields | {"body": f"I saw a {word}.", "do": self.mode.value}, word)

    def _send(self, composer: str, fields: dict[str, str], word: str) -> None:
        """Press the button until there is an answer, as people do with the page that comes back."""
        until = time.monotonic() + STUBBORN
        while time.monotonic() < until:
            try:
                status, to, page = self.ask("POST", composer, fields)
            except (OSError, HTTPException):
                self._tally.silent += 1
                status, to, page = 0, "", ""
            if status == 303 and "/sign-in" not in to:
                self._tally.acknowledged.add(word)
                return
            if status not in (0, 503):
                self._lose_session(status)
                return
            if status == 503 and word not in page and "<textarea" in page:
                raise AssertionError("a text was not given back")
            time.sleep(0.5)

    def _lose_session(self, status: int) -> None:
        if status in (200, 302, 303, 400, 401, 403):
            self._tally.signed_out += 1
            self._cookies.pop("s", None)

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, port: int = 0
    ) -> tuple[int, str, str]:
        """Status, path of a redirect, and page."""
        connection = HTTPConnection("127.0.0.1", port or self._port, timeout=25)
        head = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-Forwarded-For": self._from,
        }
        body = urlencode(fields).encode() if fields is not None else None
        if body is not None:
            head["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.monotonic()
        try:
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            page = answer.read().decode(errors="replace")
        finally:
            connection.close()
        self._tally.times.append(time.monotonic() - begun)
        self._tally.statuses[answer.status] = self._tally.statuses.get(answer.status, 0) + 1
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        to = urlsplit(answer.headers.get("Location") or "")
        return answer.status, to.path + (f"?{to.query}" if to.query else ""), page
