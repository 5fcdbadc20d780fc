"""A panel of help on the next page, for whoever just posted words of despair or of danger, once.

It waits sealed in the cookie of the browser in which they were written, and nowhere else.
"""

from collections.abc import Collection

from flask import Flask, session

from forum.checker import Concern
from forum.core import tokens

WAITING = "care"  # in the session


def init_app(app: Flask) -> None:
    """Give templates `concerns_to_show()`."""
    app.jinja_env.globals["concerns_to_show"] = concerns_to_show


def offer_help(voiced: Collection[Concern]) -> None:
    """Show the panels of these concerns on the next page."""
    if voiced:
        session[WAITING] = tokens.sealed(" ".join(sorted(voiced)), WAITING)


def concerns_to_show() -> list[Concern]:
    """Panels that wait for this page; each is given once."""
    said = tokens.opened(session.pop(WAITING), WAITING) if WAITING in session else ""
    return [Concern(each) for each in (said or "").split()]
