"""Rows of circles and their tables, as tests look at them."""

import re

from sqlalchemy import select, text

from forum.core.db import Base, db

UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def row_of(kind, row_id):
    """The row with an id, in whichever circle; None without one."""
    return db.session.scalars(select(kind).where(kind.id == row_id)).one_or_none()


def write_past_foreign_keys(known, *statements):
    """Run statements as whoever can write into the database's files, with no key enforced."""
    off, on = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
        "postgresql": (f"SET session_replication_role = {each}" for each in ("replica", "origin")),
    }[db.engine.dialect.name]
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute(off)  # before the transaction: SQLite would not hear it inside
        for each in statements:
            values = {name: value for name, value in known.items() if f":{name}" in each}
            connection.execute(text(each), values)
        connection.commit()
        driver.execute(on)
        driver.commit()


def of_circles():
    """Every table of rows that belong to a circle."""
    return [each for each in Base.metadata.sorted_tables if "circle_id" in each.columns]


def dump():
    """All living rows of the database in SQL, as whoever dumps it reads them; ids in hex."""
    raw = db.session.connection().connection.driver_connection
    if db.engine.dialect.name == "sqlite":
        return "\n".join(raw.iterdump())
    lines = []
    for table in Base.metadata.sorted_tables:
        with raw.cursor().copy(f'COPY (SELECT * FROM "{table.name}") TO STDOUT') as rows:
            lines += [f'INSERT INTO "{table.name}" {row}' for row in _lines(rows)]
    return UUID.sub(lambda found: found[0].replace("-", ""), "\n".join(lines))


def _lines(rows):
    return b"".join(map(bytes, rows)).decode().splitlines()
