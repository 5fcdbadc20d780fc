"""Helpers for second factors: an app that shows digits, and its pages."""

import re

import pyotp

from tests.accounts.people import hidden, sign_in

KEY = re.compile(r'<p class="copy" translate="no">([A-Z2-7 ]+)</p>')
CODES = re.compile(r"<li><code>([A-Z2-7 ]+)</code></li>")
STEP = 30  # seconds


class App:
    """An app on somebody's phone, whose clock may be off by some seconds."""

    def __init__(self, world, key, off=0):
        self._world, self._totp, self.off = world, pyotp.TOTP(key.replace(" ", "")), off

    def digits(self):
        return self._totp.at(int(self._world.moment.timestamp()) + self.off)


def add_app(world, client, **fields):
    """Add an app as a page would; gives it, and the recovery codes that were shown."""
    page = client.submit("/account/lock/app", **fields)
    app = App(world, KEY.search(page.text)[1])
    shown = client.post("/account/lock/app", data=hidden(page) | {"digits": app.digits()})
    assert shown.status_code == 200, shown.text
    return app, CODES.findall(shown.text)


def with_app(world, who="ray"):
    """(app, recovery codes) of somebody who added one in a browser of their own."""
    return add_app(world, world.client(who))


def give_code(client, page, code, **fields):
    """Answer the second step of signing in."""
    return client.post("/sign-in/code", data=hidden(page) | {"digits": code} | fields)


def sign_in_with(client, who, code, **fields):
    """Both steps of signing in."""
    return give_code(client, sign_in(client, who, **fields), code)
