"""Take pictures of real pages of the demo, for the README: docs/pictures/*.png."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parents[1]
INTO = HERE / "docs" / "pictures"
PORT = os.environ.get("PICTURES_PORT", "8765")
CALM = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PHONE, DESK = {"width": 390, "height": 760}, {"width": 1024, "height": 700}


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demo."""

    address: str
    password: str
    role: str


def main() -> int:
    """Begin the demo, look at it as one of its members, and end it."""
    chromium = which("chromium") or which("chromium-browser")
    if chromium is None:
        print("There is no chromium here: see make test.", file=sys.stderr)
        return 1
    INTO.mkdir(exist_ok=True)
    with _demo() as (url, people), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CALM))
        member = next(each for each in people if each.role == "member")
        page = _signed_in(browser, url, member, PHONE)
        page.screenshot(path=INTO / "home-phone.png")
        page = _signed_in(browser, url, member, DESK)
        page.locator(".news a").first.click()
        page.screenshot(path=INTO / "thread-desk.png")
        browser.close()
    return 0


@contextmanager
def _demo() -> Iterator[tuple[str, list[SignIn]]]:
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


def _said(process: "subprocess.Popen[str]") -> tuple[str, list[SignIn]]:
    """What the demo prints once its pages answer. Raises RuntimeError where it ends before."""
    url, people = "", []
    for line in process.stdout or ():
        if line.startswith("DEMO_URL="):
            url = line.strip().removeprefix("DEMO_URL=")
        if line.startswith("DEMO_SIGN_IN"):
            said = dict(part.split("=", 1) for part in line.split()[1:])
            people.append(SignIn(said["email"], said["password"], said["role"]))
        if "role=programme-lead" in line:
            return url, people
    raise RuntimeError("The demo did not start.")


def _signed_in(browser: Browser, url: str, who: SignIn, size: dict[str, int]) -> Page:
    context = browser.new_context(base_url=url, viewport=size, device_scale_factor=1.5)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", who.address)
    page.fill("[name=password]", who.password)
    page.click("main button")
    return page


if __name__ == "__main__":
    sys.exit(main())
