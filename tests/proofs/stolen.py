"""A copy of the database, as whoever steals it has it: a file of SQLite for all engines."""

from shutil import copy

from sqlalchemy import BigInteger, Column, MetaData, create_engine, literal_column, select

from forum.core.db import Base, db
from tests import engine

PLACE, TRANSACTION = literal_column("ctid"), literal_column("xmin::text::bigint")


def stolen(world):
    """Path of the copy. Of PostgreSQL, rows lie in it as in their tables, with their transactions'
    numbers as a column; rows that were replaced or deleted since are left out, and so is the log.
    """
    path = world.folder / "stolen.db"
    if not engine.IS_POSTGRESQL:
        return copy(world.folder / "instance" / "forum.db", path)
    path.unlink(missing_ok=True)
    file, tables = create_engine(f"sqlite:///{path}"), MetaData()
    for known in Base.metadata.sorted_tables:
        table = known.to_metadata(tables)
        table.dialect_options["sqlite"]["with_rowid"] = True
        table.append_column(Column("xmin", BigInteger))
    tables.create_all(file)
    with file.begin() as rows:
        for known in Base.metadata.sorted_tables:
            asked = select(*known.columns, TRANSACTION.label("xmin")).order_by(PLACE)
            if found := [dict(row) for row in db.session.execute(asked).mappings()]:
                rows.execute(tables.tables[known.name].insert(), found)
    file.dispose()
    return path
