"""The throw-away forum, started and ended like a person does."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.browser import Browser

HERE = Path(__file__).parents[1]
SIGN_IN = re.compile(r"DEMO_SIGN_IN email=(\S+) password=(\S+) role=(\S+)")


@pytest.fixture
def demo(tmp_path):
    """The running demo: (process, its lines from DEMO_URL to the last sign-in, its folder)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    settings = {"PORT": port, "TMPDIR": str(tmp_path), "DATABASE_URL": "sqlite:////not/ours.db"}
    process = subprocess.Popen(
        [sys.executable, "scripts/demo.py"],
        cwd=HERE,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, list(_said(process)), tmp_path
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _said(process):
    """Lines addressed to the user; honcho logs to the same stream."""
    for line in process.stdout:
        if line.startswith("DEMO_"):
            yield line
        if "programme-lead" in line:
            return


def test_demo_members_can_sign_in(demo):
    process, (url, *people), folder = demo
    site = url.strip().removeprefix("DEMO_URL=")
    met = {}
    for address, password, role in map(lambda line: SIGN_IN.match(line).groups(), people):
        browser = Browser(site)
        browser.sign_in(address, password)
        page, _ = browser.get("/")
        met.setdefault(role, []).append(b'href="/circles/' in page)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert met == {
        "moderator": [True],
        "member": [True, True],
        "member-of-another-circle": [True],
        "programme-lead": [False],
    }
    assert process.returncode == 0
    assert list(folder.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(site.rpartition(":")[2])))
