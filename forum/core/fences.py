"""Fences between units of a job, and between rows of a read, so that one damaged row stops no
other."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.exc import OperationalError

from forum.core.db import db, is_of_one_row
from forum.core.errors import Busy, SealBroken

DAMAGED = (SealBroken, ValueError, TypeError, LookupError, OverflowError)  # a value cannot be read


@contextmanager
def fence(job: str) -> Iterator[None]:
    """Log a failure by its kind alone, and roll back; the caller goes on with the next unit.

    Failures of the database itself (Busy, OperationalError) are raised: they stop every unit. One
    that only some rows meet, such as a lock held elsewhere, is the unit's own.
    """
    try:
        yield
    except Exception as error:  # a damaged row may fail in any way
        if isinstance(error, Busy | OperationalError) and not is_of_one_row(error):
            raise
        current_app.logger.error("%s: one part failed with %s", job, type(error).__name__)
        db.session.rollback()


@contextmanager
def left_out(job: str = "") -> Iterator[None]:
    """Leave a damaged row out of a read, without a rollback; a job logs it by its kind."""
    try:
        yield
    except DAMAGED as error:
        if job:
            name = type(error).__name__
            current_app.logger.error("%s: a damaged row was left out: %s", job, name)
