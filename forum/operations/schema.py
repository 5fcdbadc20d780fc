"""Tables of the database compared with the models, and the revisions between."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Column, inspect, text

from forum.core.db import db


def revision() -> str | None:
    """Number of the last migration that the database has seen; None for one without tables."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Number of this release's last migration."""
    return _head(str(current_app.extensions["migrate"].directory))


def config() -> Config:
    """Configuration of alembic for this application."""
    found: Config = current_app.extensions["migrate"].migrate.get_config()
    found.attributes["configure_logger"] = False
    return found


def differences() -> list[str]:
    """Tables and columns that are not as the models say, such as "reply.kind", in order."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return sorted(set(_named(compare_metadata(context, db.metadata))))


def mend() -> list[str]:
    """Bring absent tables, columns and indexes in, and take unknown columns out; returns names.

    Migrations of early releases were rewritten after they had run, so that a database of that time
    has their number without all of their tables. Nothing is to be done in any other.
    """
    with db.engine.begin() as connection:
        context = MigrationContext.configure(connection)
        changes = [each for each in compare_metadata(context, db.metadata) if each[0] in _MENDED]
        operations = Operations(context)
        for change in sorted(changes, key=lambda each: _MENDED.index(each[0])):
            _mend(operations, change)
    return sorted(set(_named(changes)))


_MENDED = ("add_table", "remove_index", "remove_column", "remove_table", "add_column", "add_index")


def _mend(operations: Operations, change: Any) -> None:
    kind, *_, thing = change
    connection = operations.get_bind()
    if kind == "add_table":
        thing.create(connection)
    elif kind == "remove_table":
        operations.drop_table(thing.name)
    elif kind == "add_index" and thing.name not in _indexes(operations, thing.table.name):
        thing.create(connection)
    elif kind == "remove_index":
        operations.drop_index(thing.name, table_name=thing.table.name)
    elif kind == "remove_column":
        operations.drop_column(change[2], thing.name)
    elif kind == "add_column":
        default = None if thing.nullable else text(_EMPTY.get(thing.type.python_type, "''"))
        added = Column(thing.name, thing.type, nullable=thing.nullable, server_default=default)
        operations.add_column(change[2], added)


_EMPTY = {int: "0", bool: "0", bytes: "X''"}  # of SQLite, where alone such databases are


def _indexes(operations: Operations, table: str) -> set[str | None]:
    return {each["name"] for each in inspect(operations.get_bind()).get_indexes(table)}


def _named(changes: list[Any]) -> Iterator[str]:
    for change in changes:
        if isinstance(change, list):
            yield from _named(change)
        elif change[0] in ("add_table", "remove_table"):
            yield change[1].name
        elif change[0] in ("add_column", "remove_column"):
            yield f"{change[2]}.{change[3].name}"
        elif str(change[0]).startswith("modify"):
            yield f"{change[2]}.{change[3]}"
        else:  # an index or a constraint
            table = getattr(change[1], "table", None)
            yield f"{getattr(table, 'name', '?')}.{change[1].name}"


def revisions() -> set[str]:
    """All revisions that this release knows."""
    folder = str(current_app.extensions["migrate"].directory)
    return {each.revision for each in ScriptDirectory(folder).walk_revisions()}


@cache
def _head(folder: str) -> str | None:
    return ScriptDirectory(folder).get_current_head()
