"""The product served for real: gunicorn on loopback over a folder, and a clock that can be turned.

The time stands in a file of that folder, which every process of the server reads; so do settings
that differ, in settings.json.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from config import Config, TestConfig
from forum import create_app
from forum.core.db import db
from tests import engine
from tests.world import MORNING

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until the pages must answer, and until the server must end


def application(folder, url):
    """What gunicorn calls: the product as it runs, but for its clock and cheap passwords."""
    clock = Path(folder, "clock")
    config = Config(Path(folder, "instance"))
    config.SITE_URL, config.PASSWORD_COST = url, TestConfig.PASSWORD_COST
    vars(config).update(engine.read(folder))
    if (settings := Path(folder, "settings.json")).exists():
        vars(config).update(json.loads(settings.read_text()))
    return create_app(config, clock=lambda: datetime.fromisoformat(clock.read_text()))


class Installation:
    """A forum at `url`. `app` is the same forum in the test's own process, for its services."""

    def __init__(self, folder):
        self._folder, self._socket = folder, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.turn_clock(MORNING)
        self.app = application(folder, self.url)

    def turn_clock(self, moment):
        """From now on it is `moment`."""
        self.moment = moment
        turned = self._folder / "clock.turned"
        turned.write_text(moment.isoformat())
        turned.replace(self._folder / "clock")  # nobody reads half a time

    def serve(self):
        """Start as the Procfile does, at a port that is ours already."""
        called = f"application({str(self._folder)!r}, {self.url!r})"
        words = (
            *(sys.executable, "-m", "gunicorn", f"tests.journeys.installation:{called}"),
            *("-c", "scripts/gunicorn.py", "--bind", f"fd://{self._socket.fileno()}"),
        )
        with self._log.open("w") as log:
            self._server = subprocess.Popen(  # noqa: S603  # words of our own
                words, cwd=ROOT, pass_fds=[self._socket.fileno()], stdout=log, stderr=log
            )
        self._wait()

    def close(self):
        """End the server; gives what it said."""
        self._server.terminate()
        self._server.wait(PATIENCE)
        self._socket.close()
        with self.app.app_context():
            db.engine.dispose()
        return self._log.read_text()

    def kill(self):
        """End the server as a machine does that loses power: all its processes, at no notice."""
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text()
        for one in (self._server.pid, *map(int, children.split())):
            os.kill(one, signal.SIGKILL)
        self._server.wait(10)

    @property
    def _log(self):
        return self._folder / "server.log"

    def _wait(self):
        opener, end = build_opener(ProxyHandler({})), time.monotonic() + PATIENCE
        while time.monotonic() < end and self._server.poll() is None:
            try:
                with opener.open(f"{self.url}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(self._log.read_text())
