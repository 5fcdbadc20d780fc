"""Nightly rewriting of PostgreSQL's rows, so that their place and transaction tell no order.

A row keeps where it lies (`ctid`), which transaction wrote it (`xmin`) and, of a long value, the
number of its pieces. Freezing hides `xmin` and leaves it in the file; `CLUSTER` keeps it too, and
stops readers. So rows written since the last night are updated once more, by id, in one transaction
a table: they share an `xmin`, and lie by id. Readers are stopped by nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, LargeBinary, Table, bindparam, cast, select, text, update

from forum.core.db import Base, db

WAIT = 2_000  # milliseconds for a row that is being written; the next run tries again
BATCH_SIZE = 1_000  # rows sent at once


def content_tables() -> list[Table]:
    """Tables of which no order of writing may be told, by name: those without row ids on SQLite."""
    tables = Base.metadata.tables.values()
    hidden = [each for each in tables if each.dialect_options["sqlite"]["with_rowid"] is False]
    return sorted(hidden, key=lambda each: each.name)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Transactions of a night. since: the oldest that was open as it began. by: table -> the
    transaction that rewrote its rows. server: identifier of the server, whose numbers these are.
    """

    server: str
    since: int
    by: dict[str, int]


def rewrite(before: Rewritten | None) -> Rewritten:
    """Rewrite rows written since the night before; all of them without one, or on another server.

    Raises OperationalError where a row stays locked.
    """
    with db.engine.connect() as connection:
        server = str(connection.scalar(text("SELECT system_identifier FROM pg_control_system()")))
        since = connection.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
    known = before if before and before.server == server else None
    by = {}
    for table in content_tables():
        with db.engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = {WAIT}"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            by[table.name] = _rewrite(connection, table, known)
    _clean()
    return Rewritten(server, int(since or 0), by)


def _rewrite(connection: Connection, table: Table, before: Rewritten | None) -> int:
    """Update a table's rows by id, long values included, without changing any; returns the number
    of the transaction.
    """
    mine = int(connection.scalar(text("SELECT pg_current_xact_id()::text")) or 0)
    keys = list(table.primary_key)
    asked = select(*keys).order_by(*keys)
    if before:
        is_new = text("age(xmin) <= :most AND xmin::text <> :rewritten").bindparams(
            most=min(mine - before.since, 2**31 - 1),
            rewritten=str(before.by.get(table.name, 0) % 2**32),
        )
        asked = asked.where(is_new)
    known = [dict(row) for row in connection.execute(asked).mappings()]
    anew = {
        column.name: column.concat(cast(b"", LargeBinary))
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not column.primary_key
    }
    own = (column == bindparam(f"own_{column.name}") for column in keys)
    statement = update(table).where(*own)
    statement = statement.values(anew or {keys[0].name: keys[0]})
    for start in range(0, len(known), BATCH_SIZE):
        some = known[start : start + BATCH_SIZE]
        connection.execute(statement, [{f"own_{k}": v for k, v in row.items()} for row in some])
    return mine


def _clean() -> None:
    """Free what the rows before leave, and freeze; a table at a time, outside any transaction."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in content_tables():
            connection.execute(text(f"VACUUM (FREEZE) {table.name}"))
        connection.execute(text("RESET statement_timeout"))
