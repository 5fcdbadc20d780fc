"""The HAProxy of the handbook before two hosts: one that is slow to answer, one that says no."""

import re
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread
from urllib.request import ProxyHandler, build_opener

import pytest

from bench import clusters
from bench.server import free_port

HANDBOOK = Path(__file__).parents[2] / "docs/operating/hosts.md"
DEFAULTS = (
    "defaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n"
)
SLOW = 1.5  # seconds: longer than a check's interval

pytestmark = pytest.mark.skipif(not which("haproxy"), reason="not run: HAProxy is not installed")


@contextmanager
def host(name, status, seconds):
    """A host that says its name, and answers /healthz with a status after some seconds."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):  # the library's name
            is_check = self.path == "/healthz"
            if is_check:
                time.sleep(seconds)
            with suppress(OSError):  # asked no longer
                self.send_response(status if is_check else 200)
                self.end_headers()
                self.wfile.write(name.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def of_the_handbook(port, ports):
    """Settings as the handbook has them, without the certificate."""
    lines = HANDBOOK.read_text().split("frontend all")[1].split("Set `TRUSTED")[0]
    words = "frontend all" + re.sub(r"bind .*", f"bind 127.0.0.1:{port}", lines)
    for address, own in zip(("10.0.0.5:8000", "10.0.0.6:8000"), ports, strict=True):
        words = words.replace(address, f"127.0.0.1:{own}")
    return DEFAULTS + words


def of_the_benchmarks(port, ports):
    servers = "\n".join(f"  server h{own} 127.0.0.1:{own}" for own in ports)
    return clusters.PROXY.format(port=port, servers=servers)


@pytest.mark.parametrize("settings", [of_the_handbook, of_the_benchmarks])
def test_a_slow_host_stays_and_one_that_says_no_goes(tmp_path, settings):
    port, ask = free_port(), build_opener(ProxyHandler({}))
    with host("slow", 200, SLOW) as slow, host("no", 503, 0) as no:
        (tmp_path / "haproxy.cfg").write_text(settings(port, (slow, no)) + "\n")
        proxy = clusters.Program(["haproxy", "-q", "-f", str(tmp_path / "haproxy.cfg")])
        proxy.start()
        try:
            clusters.wait_for(port, "/")
            time.sleep(2 * SLOW)
            for _ in range(6):
                with ask.open(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    assert answer.read() == b"slow"
        finally:
            proxy.stop()
