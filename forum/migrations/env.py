"""How a migration runs: each in a transaction of its own, on the engine of the application."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import Operations
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.sql.elements import conv

from forum.core import planner_statistics
from forum.core.db import UtcDateTime, db

PREFIXES = ("ck_", "fk_", "uq_", "pk_")  # as forum.core.db.NAMES gives them


def written(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A type as a migration says it: our own moments are plain columns there, so it needs no us."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    return False


def take_names_as_they_are() -> None:
    """Let names of constraints that carry their prefix already stand, on PostgreSQL.

    Migrations name a constraint as it is called in the database. Outside a batch, alembic would put
    the convention's prefix before that once more, and find no constraint of that name.
    """
    invoked = Operations.invoke

    def invoke_by_name(operations: Operations, operation: Any) -> Any:
        name = getattr(operation, "constraint_name", None) or ""
        is_postgresql = operations.migration_context.dialect.name == "postgresql"
        if is_postgresql and name.startswith(PREFIXES):
            operation.constraint_name = conv(name)
        return invoked(operations, operation)

    if invoked.__name__ != "invoke_by_name":
        Operations.invoke = invoke_by_name  # type: ignore[method-assign, assignment]


def run(connection: Connection) -> None:
    """Bring the database to the wanted version."""
    options = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=written,
        transaction_per_migration=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()
    planner_statistics.write(connection)


def enforce(connection: Connection, *, keys: bool) -> None:
    """Switch SQLite's foreign keys. A table that is copied and dropped would take rows along."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection  # outside any transaction
        driver.execute(f"PRAGMA foreign_keys = {'ON' if keys else 'OFF'}")
        if keys and driver.execute("PRAGMA foreign_key_check").fetchone():
            raise RuntimeError("A migration left rows that point nowhere.")


take_names_as_they_are()
with db.engine.connect() as connection:
    enforce(connection, keys=False)
    run(connection)
    connection.commit()
    enforce(connection, keys=True)
