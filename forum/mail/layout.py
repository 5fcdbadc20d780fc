"""How a letter in plain text is set: a greeting, paragraphs, links left whole, and who sent it."""

from textwrap import fill

from flask import current_app
from flask_babel import gettext as _

COLUMNS = 72  # so that a letter keeps its lines in every mail program, and when it is quoted


def set_out(*parts: str) -> str:
    """A whole letter, from its paragraphs and links in their order."""
    return "\n\n".join([_("Hello,"), *map(_wrapped, parts), "-- \n" + _wrapped(sender())]) + "\n"


def sender() -> str:
    """Who sent a letter, and where questions go, since nobody reads what is answered to it."""
    words = _(
        "%(site)s sent this by itself: answers to it are not read. Questions go to %(whom)s.",
        site=current_app.config["SITE_NAME"],
        whom=whom_to_ask(),
    )
    return str(words)


def whom_to_ask() -> str:
    """Where people turn who read a letter and cannot sign in."""
    return str(current_app.config["CONTACT"] or current_app.config["OPERATOR"])


def _wrapped(part: str) -> str:
    return fill(part, COLUMNS, break_long_words=False, break_on_hyphens=False)
