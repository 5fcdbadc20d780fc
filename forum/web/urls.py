"""Addresses of our pages: as they leave the server, and what stands in them."""

from uuid import UUID

from flask import Flask, current_app
from flask_login import current_user
from werkzeug.routing import BaseConverter

from forum.core import tokens

NOTHING = UUID(int=0)


def full_url(path: str) -> str:
    """The whole address of one of our pages; its host is configured, never taken from a request."""
    return str(current_app.config["SITE_URL"]).rstrip("/") + path


class HiddenId(BaseConverter):
    """An id that a browser's history must not tell: `<hidden:draft_id>` in a rule.

    A thread's page names each post by its id. Whoever finds the same id in the history of a
    shared computer, under "Change your words" or a draft, knows who sat there. So it is hidden for
    whoever is signed in, and nobody else finds a page under it, not even to see how it is refused.
    """

    regex = r"[\w-]{43}"

    def to_python(self, value: str) -> UUID:
        """The id; NOTHING, which no row has, for whoever it is not hidden for.

        Whoever is not signed in is asked to first, as at every page, and comes back.
        """
        if not current_user.is_authenticated:
            return NOTHING
        return tokens.id_of(value, _place()) or NOTHING

    def to_url(self, value: UUID) -> str:
        """What stands in the address."""
        return tokens.hidden_id(value, _place())


def _place() -> str:
    return f"url|{current_user.id}"


def init_app(app: Flask) -> None:
    """Let rules say `<hidden:…>`."""
    app.url_map.converters["hidden"] = HiddenId
