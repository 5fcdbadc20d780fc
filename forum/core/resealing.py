"""Sealing anew of whole tables at night: copies then hide which rows a day changed.

A value sealed again differs. Under a lasting id, a row sealed only when a member acts is a diary of
the member in the copies of many nights.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import ColumnElement, select

from forum.core.db import Identified, db, unit_of_work
from forum.core.fences import fence, left_out
from forum.core.sealing import sealed_columns

Row = TypeVar("Row", bound=Identified)

BATCH_SIZE = 200  # rows between two transactions


def seal_all_anew(table: type[Row], job: str, seal: Callable[[Row], Any] | None = None) -> None:
    """Seal all values of a table again, BATCH_SIZE rows in a transaction; damaged values stay.

    A transaction for 100,000 accounts would hold the write lock for a minute, and a gigabyte of
    memory. seal: for each row, `seal_anew` by default.
    """
    with current_app.app_context():
        ids = db.session.scalars(select(table.id).order_by(table.id)).all()
    for start in range(0, len(ids), BATCH_SIZE):
        some = table.id.in_(ids[start : start + BATCH_SIZE])
        with current_app.app_context(), fence(job), unit_of_work():
            for row in to_seal_anew(table, some):
                (seal or seal_anew)(row)


def to_seal_anew(table: type[Row], *only: ColumnElement[bool]) -> Iterator[Row]:
    """Rows of a table by id, locked until the unit of work ends."""
    yield from db.session.scalars(select(table).where(*only).order_by(table.id).with_for_update())


def seal_anew(row: Identified) -> None:
    """Seal a row's values again, unchanged; a damaged value is left as it is."""
    for name in sealed_columns(type(row)):
        with left_out():
            setattr(row, name, getattr(row, name))
