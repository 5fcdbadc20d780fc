"""Reads about mail, none of which shows a letter."""

from flask import current_app
from sqlalchemy import func, select

from forum.core.db import db
from forum.mail.models import OutgoingMail


def is_on() -> bool:
    """Whether this server can send mail. Where it cannot, nothing may pretend to."""
    return bool(current_app.config["MAIL_SERVER"])


def waiting() -> int:
    """How many letters are still to be sent."""
    return _count(given_up=False)


def failed() -> int:
    """How many letters could not be sent and were given up."""
    return _count(given_up=True)


def _count(*, given_up: bool) -> int:
    asked = select(func.count()).select_from(OutgoingMail).filter_by(given_up=given_up)
    return db.session.scalar(asked) or 0
