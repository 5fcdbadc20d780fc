"""Threads hold the course of their round, replies its step, circles their ways to talk."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = (
    *("acknowledgement", "question", "answer", "reflection", "own_experience", "idea"),
    *("resource", "offer", "mentor_offer", "return", "summary", "look_back"),
)
ADDED = ("concern", "story", "takeaway", "sit_with", "action", "thanks")
SEALED = (("thread", "course"), ("circle", "talk"))


def upgrade() -> None:
    for table, column in SEALED:
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))
    op.add_column("reply", sa.Column("step", sa.Integer(), nullable=True))
    _set_kinds((*BEFORE, *ADDED))


def downgrade() -> None:
    """Kinds of rounds become the nearest kind of before."""
    for kind in ADDED:
        op.execute(f"UPDATE reply SET kind = 'reflection' WHERE kind = '{kind}'")  # noqa: S608  # nosec B608
    _set_kinds(BEFORE)
    op.drop_column("reply", "step")
    for table, column in reversed(SEALED):
        op.drop_column(table, column)


def _set_kinds(kinds: tuple[str, ...]) -> None:
    """Replace the column's check."""
    check = f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_bind().dialect.name == "sqlite":
        _copy_with(check)
        return
    op.drop_constraint("ck_reply_replykind", "reply", type_="check")
    op.create_check_constraint("ck_reply_replykind", "reply", check)


def _copy_with(check: str) -> None:
    """Copy SQLite's table into one with another check, and its indexes.

    From its own text: a batch of alembic would forget every check, and where each stands.
    """
    connection = op.get_bind()
    of_reply = "FROM sqlite_master WHERE tbl_name = 'reply' AND sql IS NOT NULL"
    [[made]] = connection.exec_driver_sql(f"SELECT sql {of_reply} AND type = 'table'")
    indexes = connection.exec_driver_sql(f"SELECT sql {of_reply} AND type = 'index'").all()
    anew = re.sub(r"kind IN \([^)]*\)", check, made, count=1)
    anew = re.sub(r'^CREATE TABLE "?reply"?', "CREATE TABLE reply_anew", anew, count=1)
    columns = ", ".join(each["name"] for each in sa.inspect(connection).get_columns("reply"))
    for statement in (
        anew,
        f"INSERT INTO reply_anew ({columns}) SELECT {columns} FROM reply ORDER BY id",  # noqa: S608  # nosec B608
        "DROP TABLE reply",
        "ALTER TABLE reply_anew RENAME TO reply",
        *(sql for (sql,) in indexes),
    ):
        connection.exec_driver_sql(statement)
