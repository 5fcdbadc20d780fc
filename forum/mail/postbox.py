"""The way out: one conversation with the mail server, and how our letters look there."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from secrets import token_hex
from urllib.parse import urlsplit

from flask import current_app

TIMEOUT = 20  # seconds for each step of the conversation


def letter(address: str, subject: str, text: str) -> EmailMessage:
    """A plain letter in UTF-8 that names the site and nobody. Raises ValueError for a bad address.

    Source: RFC 5322; Auto-Submitted, RFC 3834.
    """
    sender = _sender()
    message = EmailMessage()
    message["From"] = formataddr((current_app.config["SITE_NAME"], sender))
    message["To"] = address
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{token_hex(16)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange keeps its holiday notices to itself
    message.set_content(text, cte="quoted-printable")  # every server takes it as it is
    return message


@contextmanager
def opened() -> Iterator[smtplib.SMTP]:
    """A conversation with the configured server, over TLS unless MAIL_SECURITY is `none`.

    Raises SMTPException or OSError where the server is out of reach or not whom it says it is.
    """
    config = current_app.config
    with _connected(config["MAIL_SERVER"], config["MAIL_PORT"], config["MAIL_SECURITY"]) as server:
        if config["MAIL_USER"]:
            server.login(config["MAIL_USER"], config["MAIL_PASSWORD"])
        yield server


def _connected(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, _site(), timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, port, _site(), timeout=TIMEOUT)
    try:
        if security != "none":
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


def _sender() -> str:
    return current_app.config["MAIL_SENDER"] or f"no-reply@{_site()}"


def _site() -> str:
    return urlsplit(current_app.config["SITE_URL"]).hostname or "localhost"
