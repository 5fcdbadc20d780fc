"""Addresses of our pages as they leave the server, in mails and copied links."""

from flask import current_app


def full_url(path: str) -> str:
    """The whole address of one of our pages; its host is configured, never taken from a request."""
    return str(current_app.config["SITE_URL"]).rstrip("/") + path
