"""Addresses of our pages: as they leave the server, and what stands in them."""

from uuid import UUID

from flask import Flask, current_app
from werkzeug.routing import BaseConverter, ValidationError

from forum.core import tokens

HIDDEN = "url"


def full_url(path: str) -> str:
    """The whole address of one of our pages; its host is configured, never taken from a request."""
    return str(current_app.config["SITE_URL"]).rstrip("/") + path


class HiddenId(BaseConverter):
    """An id that a browser's history must not tell: `<hidden:draft_id>` in a rule.

    A thread's page names each post by its id. Whoever finds the same id in the history of a
    shared computer, under "Change your words" or a draft, knows who sat there.
    """

    regex = r"[\w-]{43}"

    def to_python(self, value: str) -> UUID:
        """The id. Raises ValidationError, which finds no page."""
        if known := tokens.id_of(value, HIDDEN):
            return known
        raise ValidationError

    def to_url(self, value: UUID) -> str:
        """What stands in the address."""
        return tokens.hidden_id(value, HIDDEN)


def init_app(app: Flask) -> None:
    """Let rules say `<hidden:…>`."""
    app.url_map.converters["hidden"] = HiddenId
