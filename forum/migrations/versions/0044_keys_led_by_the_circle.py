"""Keys of a circle's rows begin with the circle, so that the database can be spread by circle.

Neither PostgreSQL's partitions nor Citus allow an id alone to be unique or referred to. On SQLite
each table is copied, and the copy put in its place; all in one transaction, so that an upgrade that
was killed begins again.
"""

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

AUTHOR, THREAD, REPLY = ("author_id", "author"), ("thread_id", "thread"), ("reply_id", "reply")
# table -> (column, table, ON DELETE) of its foreign keys to rows of the same circle
PARENTS: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "acknowledgement": ((*THREAD, "CASCADE"),),
    "applicant": (),
    "author": (),
    "closing_voice": (),
    "departure": (),
    "draft": ((*THREAD, "CASCADE"),),
    "farewell": ((*AUTHOR, "CASCADE"),),
    "flag": ((*AUTHOR, "CASCADE"),),
    "group_link": (),
    "hiding": ((*AUTHOR, "CASCADE"),),
    "invitation": (),
    "marked_passages": (),
    "membership": (),
    "muted": ((*THREAD, "CASCADE"), (*AUTHOR, "CASCADE")),
    "name_note": ((*AUTHOR, "CASCADE"),),
    "own_rule": (),
    "quote": ((*REPLY, "CASCADE"), (*AUTHOR, None)),
    "read_mark": ((*THREAD, "CASCADE"),),
    "reply": ((*AUTHOR, None), (*THREAD, None)),
    "thank_you": (("id", "reply", "CASCADE"),),
    "thread": ((*AUTHOR, None),),
    "turn": ((*AUTHOR, "CASCADE"),),
    "year_themes": (),
}
# table -> columns that were unique without the circle
UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "acknowledgement": (("mark",),),
    "applicant": (("digest",),),
    "author": (("holder_key",), ("name_digest",)),
    "closing_voice": (("mark",),),
    "draft": (("mark",),),
    "farewell": (("author_id",),),
    "flag": (("mark",),),
    "group_link": (("digest",),),
    "invitation": (("digest",),),
    "muted": (("thread_id", "author_id"),),
    "quote": (("reply_id",),),
    "read_mark": (("reader", "thread_id"),),
    "reply": (("thread_id", "appears_at", "place"),),
    "turn": (("mark",),),
}
# table -> column with an index of its own, which begins with the circle from now on
INDEXED = {
    "acknowledgement": "thread_id",
    "author": "scope_id",
    "draft": "thread_id",
    "flag": "post_id",
    "name_note": "author_id",
    "quote": "post_id",
}
# index of replies -> its columns, which begin with the circle from now on
OF_REPLIES = {
    "ix_reply_there": ("thread_id", "appears_at", "withdrawn", "hidden", "blocks"),
    "ix_reply_round": (
        *("thread_id", "kind", "step", "appears_at"),
        *("author_id", "withdrawn", "hidden", "edited_on"),
    ),
}
# table -> column that is looked for in every circle: links, and a reader's marks
ANYWHERE = {
    "applicant": "digest",
    "group_link": "digest",
    "invitation": "digest",
    "read_mark": "reader",
}


def upgrade() -> None:
    _for_each_table(led=True)


def downgrade() -> None:
    _for_each_table(led=False)


def _for_each_table(*, led: bool) -> None:
    """Let keys and indexes begin with the circle (led), or be without it as before."""
    if op.get_bind().dialect.name == "sqlite":
        for table in PARENTS:
            _copy(table, led=led)
    else:
        _alter(led=led)
    for table in PARENTS:
        _make_indexes(table, led=led)


def _alter(*, led: bool) -> None:
    """Change constraints where they are: a key that is referred to cannot go before what refers."""
    for table, parents in PARENTS.items():
        for column, _parent, _ondelete in parents:
            op.drop_constraint(_foreign(table, column, led=not led), table, type_="foreignkey")
        for name in _indexes(table, led=not led):
            op.drop_index(name, table_name=table)
    for table in PARENTS:
        for columns in UNIQUE.get(table, ()):
            op.drop_constraint(_unique(table, columns, led=not led), table, type_="unique")
            op.create_unique_constraint(
                _unique(table, columns, led=led), table, _led(columns, led=led)
            )
        op.drop_constraint(f"pk_{table}", table, type_="primary")
        op.create_primary_key(f"pk_{table}", table, _led(("id",), led=led))
    for table, parents in PARENTS.items():
        for column, parent, ondelete in parents:
            name, ours = _foreign(table, column, led=led), _led((column,), led=led)
            theirs = _led(("id",), led=led)
            op.create_foreign_key(name, table, parent, ours, theirs, ondelete=ondelete)


def _copy(table: str, *, led: bool) -> None:
    """Make a table anew by the text of its own definition, and copy its rows."""
    known = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    said = str(op.get_bind().scalar(known, {"table": table}))
    for old, new in _clauses(table, led=led):
        said, number = re.subn(old, new, said)
        if number != 1:
            raise RuntimeError(f"The table {table} is not as the migrations before left it.")
    others = sa.text(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
    )
    changed = {*_indexes(table, led=not led)}
    indexes = op.get_bind().execute(others, {"table": table}).all()
    columns = op.get_bind().execute(sa.text(f"PRAGMA table_info({table})")).all()
    names = ", ".join(column.name for column in columns)
    op.execute(said)
    rows = f"SELECT {names} FROM {table} ORDER BY circle_id, id"  # noqa: S608  # nosec B608  # ours
    op.execute(f"INSERT INTO {table}_copy ({names}) {rows}")  # nosec B608  # ours
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_copy RENAME TO {table}")
    for name, index in indexes:
        if name not in changed:
            op.execute(index)


def _clauses(table: str, *, led: bool) -> Iterator[tuple[str, str]]:
    """Patterns in a table's definition, with what stands in their place."""
    yield rf'CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_copy"
    yield rf"(CONSTRAINT pk_{table} PRIMARY KEY) \([^)]*\)", rf"\1 ({_said(('id',), led=led)})"
    for columns in UNIQUE.get(table, ()):
        name, before = (_unique(table, columns, led=each) for each in (led, not led))
        new = f"CONSTRAINT {name} UNIQUE ({_said(columns, led=led)})"
        yield rf"CONSTRAINT {before} UNIQUE \([^)]*\)", new
    for column, parent, _ondelete in PARENTS[table]:
        before = _foreign(table, column, led=not led)
        new = (
            f"CONSTRAINT {_foreign(table, column, led=led)}"
            f" FOREIGN KEY({_said((column,), led=led)})"
            f" REFERENCES {parent} ({_said(('id',), led=led)})"
        )
        references = rf'REFERENCES "?{parent}"? \([^)]*\)'
        yield rf"CONSTRAINT {before} FOREIGN KEY\([^)]*\) {references}", new


def _make_indexes(table: str, *, led: bool) -> None:
    for name, columns in _indexes(table, led=led).items():
        op.create_index(name, table, list(columns))


def _indexes(table: str, *, led: bool) -> dict[str, tuple[str, ...]]:
    """Indexes of a table that differ: name -> columns."""
    own = {INDEXED[table]: _led((INDEXED[table],), led=led)} if table in INDEXED else {}
    found = {f"ix_{table}_{'_'.join(columns)}": tuple(columns) for columns in own.values()}
    if led and table in ANYWHERE:
        found[f"ix_{table}_{ANYWHERE[table]}"] = (ANYWHERE[table],)
    if not led:
        found[f"ix_{table}_circle_id"] = ("circle_id",)
    if table == "reply":
        found |= {name: tuple(_led(columns, led=led)) for name, columns in OF_REPLIES.items()}
    return found


def _foreign(table: str, column: str, *, led: bool) -> str:
    return f"fk_{table}_{'_'.join(_led((column,), led=led))}"


def _unique(table: str, columns: tuple[str, ...], *, led: bool) -> str:
    return f"uq_{table}_{'_'.join(_led(columns, led=led))}"


def _led(columns: tuple[str, ...], *, led: bool) -> list[str]:
    return ["circle_id", *columns] if led else [*columns]


def _said(columns: tuple[str, ...], *, led: bool) -> str:
    return ", ".join(_led(columns, led=led))
