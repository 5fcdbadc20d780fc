"""Fences between units of a job, so that one damaged row stops the work on no other."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.exc import OperationalError

from forum.core.db import db
from forum.core.errors import Busy


@contextmanager
def fence(job: str) -> Iterator[None]:
    """Log a failure by its kind alone, and roll back; the caller goes on with the next unit.

    Failures of the database itself (Busy, OperationalError) are raised: they stop every unit.
    """
    try:
        yield
    except (Busy, OperationalError):
        raise
    except Exception as error:  # a damaged row may fail in any way
        current_app.logger.error("%s: one part failed with %s", job, type(error).__name__)
        db.session.rollback()
