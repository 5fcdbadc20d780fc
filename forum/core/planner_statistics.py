"""Statistics by which SQLite's planner chooses an index: fixed, and not taken from the data.

Without any, SQLite takes a circle for ten rows, and would rather read all of it than look up fifty
ids. Counted from the data (ANALYZE) they would show a thief how many rows there are of what, and
another night's count could change how every page is read.

Source: https://www.sqlite.org/fileformat2.html#stat1tab
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from forum.core.db import db

CIRCLES = 100
ROWS = 1_000  # of a circle, in each of its tables
MEMBERSHIPS = 12  # of a circle
OTHERS = 10  # rows with an equal value, where an index does not begin with the circle


def create_tables() -> None:
    """Create every table, without migrations: of a trial, a drill or a test."""
    db.create_all()
    with db.engine.begin() as connection:
        write(connection)


def write(connection: Connection) -> None:
    """Write the statistics of every table of circles that there is. Connections opened from now on
    go by them.
    """
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table, and counts nothing
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [*_rows(connection)]
    if rows:
        insert = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:table, :index, :stat)"
        connection.execute(text(insert), rows)
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # read anew by this connection


def _rows(connection: Connection) -> Iterator[dict[str, str]]:
    for table in connection.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'table'")):
        columns = _pragma(connection, f"table_info({table})")
        if not any(each.name == "circle_id" and each.pk for each in columns):
            continue
        for index in _pragma(connection, f"index_list({table})"):
            named = [each.name for each in _pragma(connection, f"index_info({index.name})")]
            size = MEMBERSHIPS if table == "membership" else ROWS
            equal = _equal(size, named, is_unique=bool(index.unique))
            is_key = index.origin == "pk" and _is_clustered(connection, table)
            yield {
                "table": table,
                "index": table if is_key else index.name,
                "stat": " ".join(map(str, (CIRCLES * size, *equal))),
            }


def _equal(size: int, columns: list[str], *, is_unique: bool) -> list[int]:
    """Rows that are equal in the first column of an index, in the first two, and so on."""
    if columns[0] == "circle_id":
        found = [size, *(max(size // 100**position, 2) for position in range(1, len(columns)))]
    else:
        found = [OTHERS] * len(columns)
    return [*found[:-1], 1] if is_unique else found


def _is_clustered(connection: Connection, table: str) -> bool:
    """Whether a table's rows lie in its primary key: WITHOUT ROWID."""
    [known] = [each for each in _pragma(connection, "table_list") if each.name == table]
    return bool(known.wr)


def _pragma(connection: Connection, pragma: str) -> list[Any]:
    return list(connection.exec_driver_sql(f"PRAGMA {pragma}"))
