"""Sealing anew of whole tables at night, so that copies hide which of their rows a day changed.

A sealed value differs each time it is sealed. Under a lasting id, a row sealed only when its owner
does something is a diary of its owner in the copies of many nights.
"""

from sqlalchemy import select

from forum.core.db import Identified, db
from forum.core.fences import left_out
from forum.core.sealing import sealed_columns


def seal_all_anew(table: type[Identified]) -> None:
    """Seal all values of a table again, by id, inside a unit of work; damaged ones stay."""
    for row in db.session.scalars(select(table).order_by(table.id).with_for_update()):
        seal_anew(row)


def seal_anew(row: Identified) -> None:
    """Seal a row's values again, unchanged; a damaged value is left as it is."""
    for name in sealed_columns(type(row)):
        with left_out():
            setattr(row, name, getattr(row, name))
