"""A browser at the sign-in page, and what it finds there."""

import re
from html import unescape

from tests.world import PASSWORD, TOKEN

INPUT = re.compile(r'<input[^>]* name="([^"]+)"[^>]*type="hidden"[^>]* value="([^"]*)"')
HIDDEN = re.compile(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', re.S)


def sign_in(client, who, password=PASSWORD, *, at="/sign-in", environ=None, **fields):
    """Type an address and a password, with what else the page `at` sends along."""
    page = client.get(at) if isinstance(at, str) else at
    typed = {"email": f"{who}@example.org", "password": password, "device": "shared"}
    sent = hidden(page) | typed | fields
    return client.post("/sign-in", data=sent, environ_overrides=environ or {})


def hidden(page):
    """What a page sends along besides what is typed into it."""
    inputs = dict(TOKEN.findall(page.text)) | dict(INPUT.findall(page.text))
    return inputs | {name: unescape(text) for name, text in HIDDEN.findall(page.text)}


def is_in(client):
    """Whether somebody is signed in here."""
    return client.get("/account").status_code == 200


def cookie(client, name="s"):
    """A cookie of this browser, or None."""
    return client.get_cookie(name, domain="localhost")
