"""Helpers for the sign-in page."""

import re
from html import unescape

from tests.world import PASSWORD, TOKEN

INPUT = re.compile(r'<input[^>]* name="([^"]+)"[^>]*type="hidden"[^>]* value="([^"]*)"')
HIDDEN = re.compile(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', re.S)


def sign_in(client, who, password=PASSWORD, *, at="/sign-in", environ=None, **fields):
    """Submit an address and a password, with the hidden fields of the page `at`."""
    page = client.get(at) if isinstance(at, str) else at
    typed = {"email": f"{who}@example.org", "password": password, "device": "shared"}
    sent = hidden(page) | typed | fields
    return client.post("/sign-in", data=sent, environ_overrides=environ or {})


def hidden(page):
    """Hidden fields of a page."""
    inputs = dict(TOKEN.findall(page.text)) | dict(INPUT.findall(page.text))
    return inputs | {name: unescape(text) for name, text in HIDDEN.findall(page.text)}


def is_in(client):
    """True if this browser is signed in."""
    return client.get("/account").status_code == 200


def cookie(client, name="s"):
    """A cookie of this browser, or None."""
    return client.get_cookie(name, domain="localhost")
