"""Emails to guardians, without content: a request to sign in, without a reason."""

from uuid import UUID

from flask import current_app
from flask_babel import gettext as _

from forum.mail.layout import set_out
from forum.mail.outbox import queue
from forum.web.urls import full_url


def sign_in_soon(address: str) -> UUID | None:
    """Ask the holder of an address to sign in; returns the email's id, None while mail is off."""
    site = current_app.config["SITE_NAME"]
    words = set_out(
        _("Something at %(site)s waits for you. Please sign in as soon as you can:", site=site),
        full_url("/"),
    )
    return queue(address, _("Please sign in to %(site)s", site=site), words)
