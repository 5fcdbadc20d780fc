"""A running demo with a browser, for pictures and for Lighthouse."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

from playwright.sync_api import Page

HERE = Path(__file__).parents[1]
PORT = os.environ.get("PICTURES_PORT", "8765")
CALM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SECRET = re.compile(r"/[0-9a-f-]{36}|/[\w=-]{40,}")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member of the demo, with password."""

    address: str
    password: str
    role: str


def chromium() -> str:
    """Path of the browser. Exits the program without a browser."""
    found = which("chromium") or which("chromium-browser")
    if found is None:
        sys.exit("There is no chromium here: see make test.")
    return found


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, SignIn]]]:
    """Address of the demo, and a member for each role."""
    words = [sys.executable, "scripts/demo.py"]
    known = os.environ | {"PORT": PORT, "DEMO_DRAW": "11"}
    process = subprocess.Popen(  # noqa: S603  # words of our own
        words, cwd=HERE, env=known, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _said(process)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def sign_in(page: Page, who: SignIn) -> None:
    """Sign in through the form."""
    page.goto("/sign-in")
    page.fill("[name=email]", who.address)
    page.fill("[name=password]", who.password)
    page.click("main form button")


def name_of(address: str) -> str:
    """A page's name, without ids and with 0 for numbers of its address: "circles-threads"."""
    path = re.sub(r"/\d+(?=/|$)", "/0", SECRET.sub("", urlsplit(address).path))
    return path.strip("/").replace("/", "-") or "home"


def _said(process: "subprocess.Popen[str]") -> tuple[str, dict[str, SignIn]]:
    """The demo's output until its pages respond. Raises RuntimeError if it ends before."""
    url, people = "", {}
    for line in process.stdout or ():
        if line.startswith("DEMO_URL="):
            url = line.strip().removeprefix("DEMO_URL=")
        if line.startswith("DEMO_SIGN_IN"):
            said = dict(part.split("=", 1) for part in line.split()[1:])
            people.setdefault(said["role"], SignIn(said["email"], said["password"], said["role"]))
        if "role=programme-lead" in line:
            return url, people
    raise RuntimeError("The demo did not start.")
