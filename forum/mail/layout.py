"""Plain-text layout of emails: greeting, paragraphs, unbroken links, signature."""

from textwrap import fill

from flask import current_app
from flask_babel import gettext as _

from forum.mail.headers import address_in

COLUMNS = 72  # characters; lines survive every mail program, and quoting


def set_out(*parts: str) -> str:
    """Complete email text from paragraphs and links, in order."""
    return "\n\n".join([_("Hello,"), *map(_wrapped, parts), "-- \n" + _wrapped(sender())]) + "\n"


def sender() -> str:
    """Signature: sender, and contact for questions; replies are read where it is an address."""
    known = {"site": current_app.config["SITE_NAME"], "whom": whom_to_ask()}
    if address_in(current_app.config["CONTACT"]):
        return str(
            _(
                "This is an automatic email from %(site)s. If you reply, %(whom)s gets your reply.",
                **known,
            )
        )
    return str(
        _(
            "This is an automatic email from %(site)s. Nobody reads replies. For questions, contact"
            " %(whom)s.",
            **known,
        )
    )


def whom_to_ask() -> str:
    """Contact for people who cannot sign in."""
    return str(current_app.config["CONTACT"] or current_app.config["OPERATOR"])


def _wrapped(part: str) -> str:
    return fill(part, COLUMNS, break_long_words=False, break_on_hyphens=False)
