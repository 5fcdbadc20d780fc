"""Somebody in front of a browser. Every page they come to is looked at as a page of ours."""

import json
import re
from os import environ
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.world import PASSWORD

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
PATIENCE = 15_000  # milliseconds, on a busy machine
SHOTS = environ.get("SHOTS")  # a folder that wants a picture of every page
SAY_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
  console.error("Content Security Policy: " + event.violatedDirective + " " + event.blockedURI))
"""
SEEN = """() => ({
  heads: document.querySelectorAll("h1").length,
  title: document.title,
  sideways: document.documentElement.scrollWidth - innerWidth,
  unlabelled: [...document.querySelectorAll("input, textarea, select")]
    .filter(field => field.checkVisibility())
    .filter(field => !field.labels.length && !field.ariaLabel)
    .map(field => field.name),
  low: [...document.querySelectorAll("a, button, summary")]
    .filter(each => each.checkVisibility() && !each.matches(".post-body *, .visually-hidden"))
    .filter(each => each.textContent.trim() === each.parentElement.textContent.trim())
    .filter(each => getComputedStyle(each, "::after").position !== "absolute")
    .filter(each => each.getBoundingClientRect().height < 44)
    .map(each => `low: ${each.textContent.trim()}`),
  covered: [...document.querySelectorAll(".send button")]
    .filter(each => each.form.getBoundingClientRect().top < innerHeight / 2)
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([each, box]) => box.top >= 0 && box.bottom <= innerHeight)
    .filter(([each, box]) =>
      !each.contains(document.elementFromPoint(box.left + box.width / 2, box.bottom - 2)))
    .map(([each]) => `covered: ${each.textContent.trim()}`),
  shape: [...new Set([...document.querySelectorAll("*")].map(each => [each, each.parentElement]
    .map(one => one && [one.localName, one.className, ...one.getAttributeNames()].join(" "))
    .join(" in ")))].sort().join(),
})"""
AXE = json.dumps(
    {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        "resultTypes": ["violations"],
    }
)
SHAPES = set()  # of pages that axe has looked at: their elements, each within which, once
FAULTS = f"""async () => {{
  const bars = [...document.querySelectorAll(".send")]  // which lie over the page at its edge
  bars.forEach(each => each.style.position = "static")
  const found = await axe.run({AXE})
  bars.forEach(each => each.style.position = "")
  return found.violations.flatMap(fault => fault.nodes.map(node => fault.id + ": " + node.html))
}}"""


class Visitor:
    """One person with a browser of their own; `taps` counts what they press, choose and follow."""

    def __init__(
        self,
        browser,
        url,
        *,
        size=DESKTOP,
        scripts=True,
        scheme="light",
        zone="Europe/London",
        untitled=(),
    ):
        """scheme: "dark" by night. zone: that of the device. untitled: words in no page's title."""
        self.taps, self._untitled, self._scripts = 0, untitled, scripts
        self._url, self._size, self._strange = url, size, []
        self._looks = (size["width"], scheme)
        self._context = browser.new_context(
            base_url=url,
            viewport=size,
            java_script_enabled=scripts,
            color_scheme=scheme,
            timezone_id=zone,
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(SAY_VIOLATIONS)
        self.page = self._context.new_page()
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_words)
        self.page.on("pageerror", lambda error: self._strange.append(str(error)))

    def open(self, url):
        """Type an address."""
        self.page.goto(url)
        self.look()

    def follow(self, words):
        """Follow a link."""
        self.tap(self.page.get_by_role("link", name=words).first)

    def press(self, words):
        """Press a button that leads to another page."""
        self.tap(self.page.get_by_role("button", name=words, exact=True))

    def tap(self, on):
        """Press what leads to another page, found by its locator."""
        with self.page.expect_navigation():
            on.click()
        self.taps += 1
        self.look()

    def press_twice(self, words, leads_to):
        """Press a button as one does who fears that it did not go through."""
        self.page.get_by_role("button", name=words, exact=True).dblclick()
        expect(self.page).to_have_url(leads_to, timeout=PATIENCE)  # the first answer is thrown away
        self.page.wait_for_load_state()
        self.look()

    def choose(self, words):
        """Tick or choose one thing."""
        self.page.get_by_label(words).first.check()
        self.taps += 1

    def write(self, **texts):
        """Type into fields, by their names."""
        for name, text in texts.items():
            self.page.locator(f"[name={name}]:visible").fill(text)

    def go_back(self):
        """The browser's own way back."""
        self.page.go_back()
        self.look()

    def reload(self):
        """The page once more."""
        self.page.reload()
        self.look()

    def sign_in(self, who, *, own_device=False):
        """Come in, at home."""
        self.open("/sign-in")
        self.give_password(who, own_device=own_device)

    def give_password(self, who, *, own_device=False):
        """Fill in the sign-in page that is there."""
        self.write(email=f"{who}@example.org", password=PASSWORD)
        if own_device:
            self.choose("My own phone or computer")
        self.press("Sign in")

    def add_app(self, moment):
        """Add an app that shows six digits, whose clock stands at `moment`; gives it."""
        self.press("Add an app")
        self.page.get_by_text("I cannot scan it").click()
        app = pyotp.TOTP(self.said(".copy").replace(" ", ""))
        self.write(digits=app.at(moment))
        self.press("Add")
        self.press("I have kept them")
        return app

    def become(self, who, name):
        """Fill in the page of a new account."""
        self.write(email=f"{who}@example.org", password=PASSWORD, name=name)

    def choose_language(self, tag):
        """Have it been chosen in this browser, whatever it is called on pages."""
        self._context.add_cookies([{"name": "l", "value": tag, "url": self._url}])

    def hold_session(self, cookie):
        """Be signed in by a session begun elsewhere; its cookie's value."""
        self._context.add_cookies([{"name": "s", "value": cookie, "url": self._url}])

    def forget_cookies(self):
        """Lose the session, as a browser that was told to forget."""
        self._context.clear_cookies()

    @property
    def words(self):
        """What the page says."""
        return self.page.locator("main").inner_text()

    def said(self, selector):
        """What one part of the page says."""
        return self.page.locator(selector).first.inner_text()

    def typed(self, name):
        """What stands in a field."""
        return self.page.locator(f"[name={name}]:visible").input_value()

    def look(self):
        """See that this is a page of ours: calm, named, labelled, open to all, asking nobody."""
        here, seen = urlsplit(self.page.url).path, self.page.evaluate(SEEN)
        faults = seen["unlabelled"] + seen["low"] + seen["covered"] + self._strange
        faults += [f"untitled: {word}" for word in self._untitled if word in seen["title"]]
        faults += [f"{seen['heads']} h1"] if seen["heads"] != 1 else []
        faults += ["sideways"] if seen["sideways"] > 0 else []
        shape = (*self._looks, seen["shape"])
        if self._scripts and shape not in SHAPES:
            SHAPES.add(shape)
            self.page.evaluate(AXE_SCRIPT)
            faults += self.page.evaluate(FAULTS)
            self._strange.clear()  # what axe itself says is no page's doing
        assert faults == [], f"{here}: {faults}"
        self._picture(here)

    def close(self):
        """Shut the browser."""
        self._context.close()

    def _note_request(self, request):
        if not request.url.startswith(f"{self._url}/"):
            self._strange.append(request.url)

    def _note_words(self, message):
        refused = message.text.startswith(
            "Failed to load resource"
        )  # a page that says 422, and why
        if message.type in {"error", "warning"} and not refused:
            self._strange.append(message.text)

    def _picture(self, here):
        if SHOTS:
            name = re.sub(r"[0-9a-f-]{36}|/[\w=-]{40,}", "", here).strip("/").replace("/", "-")
            number = len(list(Path(SHOTS).glob("*.png")))
            path = f"{number:03}-{self._size['width']}-{name or 'home'}.png"
            self.page.screenshot(path=Path(SHOTS, path), full_page=True)
