"""The way out: one conversation with the mail server, and how our letters look there."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, formatdate
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

from forum.mail.models import OutgoingMail

OK, WILL_FORWARD = 250, 251  # RFC 5321 section 4.2.2
# No header is folded: a folded address is one that mail programs do not press. Source: RFC 5322.
ON_THE_WIRE = policy.SMTP.clone(max_line_length=998)
TIMEOUT = 20  # seconds for each step of the conversation


class Unsure(SMTPException):
    """The line was lost once the letter was handed over: it may have arrived."""


def deliver(server: SMTP, letter: OutgoingMail) -> None:
    """Hand one letter to the server.

    Raises SMTPException or OSError where it was not handed over, Unsure where nobody knows, and
    ValueError for an address that cannot stand in a letter.
    """
    message, address = composed(letter), letter.address
    server.ehlo_or_helo_if_needed()
    code, said = server.mail(_sender())
    if code != OK:
        server.rset()
        raise SMTPSenderRefused(code, said, _sender())
    code, said = server.rcpt(address)
    if code not in (OK, WILL_FORWARD):
        server.rset()
        raise SMTPRecipientsRefused({"": (code, said)})  # whose it was is no one's to log
    try:
        code, said = server.data(message.as_bytes(policy=ON_THE_WIRE))
    except (SMTPServerDisconnected, OSError) as error:
        raise Unsure from error
    if code != OK:
        raise SMTPDataError(code, said)


def composed(letter: OutgoingMail) -> EmailMessage:
    """A letter in UTF-8 that names the site and nobody. Raises ValueError for a bad address.

    Source: RFC 5322; Auto-Submitted, RFC 3834; List-Unsubscribe, RFC 2369 and 8058.
    """
    sender = _sender()
    message = EmailMessage()
    message["From"] = formataddr((current_app.config["SITE_NAME"], sender))
    message["To"] = letter.address
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{token_hex(16)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange keeps its holiday notices to itself
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.log_mark:
        message["X-Log-Mark"] = letter.log_mark
    message.set_content(letter.text, cte="quoted-printable")  # every server takes it as it is
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


@contextmanager
def opened() -> Iterator[SMTP]:
    """A conversation with the configured server, over TLS unless MAIL_SECURITY is `none`.

    Raises SMTPException or OSError where the server is out of reach or not whom it says it is.
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


def _sender() -> str:
    return current_app.config["MAIL_SENDER"] or f"no-reply@{_site()}"


def _site() -> str:
    return urlsplit(current_app.config["SITE_URL"]).hostname or "localhost"
