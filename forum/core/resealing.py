"""Sealing anew of whole tables at night, so that copies hide which of their rows a day changed.

A value sealed again differs. Under a lasting id, a row sealed only when a member acts is a diary of
the member in the copies of many nights.
"""

from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import ColumnElement, select

from forum.core.db import Identified, db
from forum.core.fences import left_out
from forum.core.sealing import sealed_columns

Row = TypeVar("Row", bound=Identified)


def seal_all_anew(table: type[Identified]) -> None:
    """Seal all values of a table again, by id, inside a unit of work; damaged ones stay."""
    for row in to_seal_anew(table):
        seal_anew(row)


def to_seal_anew(table: type[Row], *only: ColumnElement[bool]) -> Iterator[Row]:
    """Rows of a table by id, locked until the unit of work ends."""
    yield from db.session.scalars(select(table).where(*only).order_by(table.id).with_for_update())


def seal_anew(row: Identified) -> None:
    """Seal a row's values again, unchanged; a damaged value is left as it is."""
    for name in sealed_columns(type(row)):
        with left_out():
            setattr(row, name, getattr(row, name))
