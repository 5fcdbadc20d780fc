"""Walking through the pages of inviting and joining, as a browser does."""

import re
from html import unescape

from sqlalchemy import select

from forum.circles import invitations
from forum.core.db import db, unit_of_work
from forum.mail.models import OutgoingMail

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
LINK = re.compile(r"http://localhost(/(?:join|welcome)/[\w/-]+)")
PASSWORD = "seven herons over the weir"
ANA = {"email": "ana@example.org", "password": PASSWORD, "name": "Ana Patel"}


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def hidden(page):
    """The hidden fields of a page's last form above its foot, which is its own."""
    page = page.partition("<footer")[0]
    form = page[page.rindex("<form") :]
    return {attribute(tag, "name"): attribute(tag, "value") for tag in HIDDEN.findall(form)}


def carried(page):
    """The same, and what is carried along in fields that nobody sees."""
    areas = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return hidden(page) | {name: unescape(text) for name, text in areas}


def send(client, url, page, **fields):
    """Post what a page holds in hidden fields, and what was typed."""
    return client.post(url, data=hidden(page) | fields)


def link(world, who="mo", circle="rose", words=""):
    """A new link into a circle, as its path."""
    with world.app.test_request_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            return f"/join/{invitations.copied(standing, words)}"


def mailed(world, *addresses, named=False, words=""):
    """Mail invitations into Rose."""
    with world.app.test_request_context():
        standing = world.standing("mo")
        with unit_of_work():
            return invitations.mailed(standing, addresses, words, names_inviter=named)


def letters(world):
    """What waits to be sent: (address, text), newest last."""
    with world.app.app_context():
        rows = db.session.scalars(select(OutgoingMail))
        return [(each.address, each.text) for each in rows]


def letter_to(world, address):
    """The text of the only letter to an address."""
    [text] = [text for to, text in letters(world) if to == address]
    return text


def affirmed(client, path):
    """The second page of joining."""
    first = client.get(path).text
    return send(client, "/join/account", first, affirmed="y")


def signed_up(client, path, **typed):
    """What comes after the second page, for someone without an account."""
    return send(client, "/join/new", affirmed(client, path).text, **ANA | typed)


def joined(client, path):
    """What comes after the second page, for someone signed in."""
    return send(client, "/join", affirmed(client, path).text)
