"""Steps through the pages of inviting and joining."""

import re
from html import unescape
from urllib.parse import urlsplit

from sqlalchemy import select

from forum.circles import group_links, invitations
from forum.circles.models import Applicant
from forum.core.db import db, unit_of_work
from forum.mail.models import OutgoingMail
from tests.page import Page

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
LINK = re.compile(r"http://localhost(/(?:join|welcome)/[\w/-]+)")
PASSWORD = "seven herons over the weir"
ANA = {"email": "ana@example.org", "password": PASSWORD, "name": "Ana Patel"}


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def hidden(page):
    """Hidden fields of a page's last form above the footer."""
    page = page.partition("<footer")[0]
    form = page[page.rindex("<form") :]
    return {attribute(tag, "name"): attribute(tag, "value") for tag in HIDDEN.findall(form)}


def carried(page):
    """Hidden fields of a page's last form, with carried ones."""
    areas = Page(page).all("textarea", hidden="")
    return hidden(page) | {each["name"]: each.value for each in areas}


def send(client, url, page, **fields):
    """Submit a page's hidden fields with typed values."""
    return client.post(url, data=hidden(page) | fields)


def link(world, who="mo", circle="rose", words=""):
    """Path of a new invitation link."""
    with world.app.test_request_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            return f"/join/{invitations.create_link(standing, words)}"


def mailed(world, *addresses, named=False, words=""):
    """Mail invitations into Rose."""
    with world.app.test_request_context():
        standing = world.standing("mo")
        with unit_of_work():
            return invitations.invite_by_email(standing, addresses, words, names_inviter=named)


def letters(world):
    """Queued emails as (address, text), newest last."""
    with world.app.app_context():
        rows = db.session.scalars(select(OutgoingMail))
        return [(each.address, each.text) for each in rows]


def letter_to(world, address):
    """Text of the only email to an address."""
    [text] = [text for to, text in letters(world) if to == address]
    return text


def affirmed(client, path):
    """Second page of joining."""
    first = client.get(path).text
    return send(client, "/join/account", first, affirmed="y")


def signed_up(client, path, **typed):
    """Response to the second page, without an account."""
    return send(client, "/join/new", affirmed(client, path).text, **ANA | typed)


def joined(client, path):
    """Response to the second page, when signed in."""
    return send(client, "/join", affirmed(client, path).text)


def group_link(world, places=5, who="mo", circle="rose"):
    """Path of a new group link."""
    with world.app.test_request_context():
        standing = world.standing(who, circle)
        with unit_of_work():
            group_links.make(standing, places)
        return urlsplit(group_links.shown(standing).url).path


def asks(client, path, **typed):
    """Response to asking to join by a group link, without an account."""
    known = {"email": ANA["email"], "name": ANA["name"], "affirmed": "y"}
    return send(client, "/with", client.get(path).text, **known | typed)


def waits(world, path, **typed):
    """A browser that asked to join, and the path of its own page; the address is confirmed."""
    client = world.client()
    asks(client, path, **typed)
    with world.app.app_context():
        rows = db.session.scalars(select(Applicant)).all()
        address = typed.get("email", ANA["email"])
        [secret] = [each.secret for each in rows if each.address == address]
    own = f"/waiting/{secret}"
    if "It was I who asked." in client.get(own).text:
        send(client, "/waiting/confirm", client.get(own).text, asked="y")
    return client, own


def answered(client, page_url, who, answer):
    """Page after a moderator's answer to somebody who waits; the button is on `page_url`."""
    page = Page(client.get(page_url))
    row = next(each for each in page.all("ul", cls="pending")[0].all("li") if who in each.text)
    [form] = [form for form in row.all("form") if form.one(name="answer").get("value") == answer]
    sent = client.post(form["action"], data=form.fields())
    return client.get(sent.location)
