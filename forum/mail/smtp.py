"""SMTP: connection to the mail server, and messages as sent."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import formatdate
from secrets import token_hex
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from urllib.parse import urlsplit

from flask import current_app

from forum.mail import headers
from forum.mail.headers import Mailbox
from forum.mail.models import OutgoingMail

OK, WILL_FORWARD = 250, 251  # RFC 5321 section 4.2.2
# No header is folded: mail programs do not recognise a folded URL. Source: RFC 5322.
ON_THE_WIRE = policy.SMTP.clone(max_line_length=998)
TIMEOUT = 20  # seconds for each step of the connection


class Unsure(SMTPException):
    """Connection lost after the hand-over began: the email may have been delivered."""


def deliver(server: SMTP, email: OutgoingMail) -> None:
    """Hand one email to the server.

    Raises SMTPException or OSError if not handed over, Unsure if unknown, and ValueError for an
    unusable address.
    """
    message, address = composed(email), email.address
    server.ehlo_or_helo_if_needed()
    code, reply = server.mail(sender().address)
    if code != OK:
        server.rset()
        raise SMTPSenderRefused(code, reply, sender().address)
    code, reply = server.rcpt(address)
    if code not in (OK, WILL_FORWARD):
        server.rset()
        raise SMTPRecipientsRefused(
            {"": (code, reply)}
        )  # without the address, which no log may hold
    try:
        code, reply = server.data(message)
    except (SMTPServerDisconnected, OSError) as error:
        raise Unsure from error
    if code != OK:
        raise SMTPDataError(code, reply)


def composed(email: OutgoingMail) -> bytes:
    """Message in UTF-8, naming the site and no person. Raises ValueError for a bad address.

    Source: RFC 5322; Auto-Submitted, RFC 3834; List-Unsubscribe, RFC 2369 and 8058.
    """
    message = EmailMessage()
    message["To"] = email.address
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{token_hex(16)}@{sender().address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # no automatic replies from Exchange
    if email.unsubscribe:
        message["List-Unsubscribe"] = f"<{email.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if email.log_mark:
        message["X-Log-Mark"] = email.log_mark
    message.set_content(email.text, cte="quoted-printable")  # accepted by every server
    if email.html:
        message.add_alternative(email.html, subtype="html", cte="quoted-printable")
    head = [f"From: {sender()}", f"Subject: {headers.unstructured(email.subject)}"]
    if to := reply_to():
        head.insert(1, f"Reply-To: {to}")
    lines = "".join(f"{line}\r\n" for line in head).encode("ascii")
    return lines + message.as_bytes(policy=ON_THE_WIRE)


def sender() -> Mailbox:
    """Mailbox of From, with the site's name."""
    config = current_app.config
    given = headers.address_in(config["MAIL_SENDER"]) or config["MAIL_SENDER"]
    return Mailbox(headers.display_name(config["SITE_NAME"]), given or f"no-reply@{_site()}")


def reply_to() -> Mailbox | None:
    """Mailbox of Reply-To, where CONTACT is an address; else replies are not read."""
    address = headers.address_in(current_app.config["CONTACT"])
    name = headers.display_name(current_app.config["SITE_NAME"])
    return Mailbox(name, address) if address else None


@contextmanager
def opened() -> Iterator[SMTP]:
    """Connection to the configured server, over TLS unless MAIL_SECURITY is `none`.

    Raises SMTPException or OSError if the server is unreachable or its certificate invalid.
    """
    config = current_app.config
    with _connected(config["MAIL_SERVER"], config["MAIL_PORT"], config["MAIL_SECURITY"]) as server:
        if config["MAIL_USER"]:
            server.login(config["MAIL_USER"], config["MAIL_PASSWORD"])
        yield server


def _connected(host: str, port: int, security: str) -> SMTP:
    if security == "tls":
        context = ssl.create_default_context()
        return SMTP_SSL(host, port, _site(), timeout=TIMEOUT, context=context)
    server = SMTP(host, port, _site(), timeout=TIMEOUT)
    try:
        if security != "none":
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


def _site() -> str:
    return urlsplit(current_app.config["SITE_URL"]).hostname or "localhost"
