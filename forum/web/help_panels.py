"""A panel of help on the next page, for whoever just posted words of despair or of danger, once.

It waits sealed in the cookie of the browser in which they were written, and nowhere else.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, session

from forum.checker import HelpTopic
from forum.core import tokens

WAITING = "care"  # in the session


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to ask that a moderator writes to the name of a post that was just made."""

    url: str
    token: str  # sealed: see contact_place
    name: str  # "" where the page must not name it


def init_app(app: Flask) -> None:
    """Give templates `care_to_show()`."""
    app.jinja_env.globals["care_to_show"] = care_to_show


def offer_help(voiced: Collection[HelpTopic], contact: Contact | None = None) -> None:
    """Show the panels of these topics on the next page. contact: beside that of despair."""
    if voiced:
        ask = [contact.url, contact.token, contact.name] if contact else None
        known = {"voiced": sorted(voiced), "contact": ask}
        session[WAITING] = tokens.sealed(json.dumps(known), WAITING)


def is_waiting() -> bool:
    """Whether the next page begins with a panel, so that nothing further down is gone to."""
    return WAITING in session


def care_to_show() -> tuple[list[HelpTopic], Contact | None]:
    """Panels that wait for this page, and the way to ask a moderator; each is given once."""
    said = tokens.opened(session.pop(WAITING), WAITING) if WAITING in session else None
    known = json.loads(said or '{"voiced": [], "contact": null}')
    contact = Contact(*known["contact"]) if known["contact"] else None
    return [HelpTopic(each) for each in known["voiced"]], contact


def contact_place(circle_id: UUID, member_id: UUID) -> str:
    """Place for which the id of a post is sealed in Contact.token: its circle, and who wrote it."""
    return f"contact|{circle_id}|{member_id}"
