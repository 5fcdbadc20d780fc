"""Posts hold the day of their last edit, and for a while that their withdrawal can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("thread", "reply")
IS_SET = sa.text("undo_window IS NOT NULL")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("edited_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("undo_window", sa.Integer(), nullable=True))
        op.create_index(
            f"ix_{table}_undo", table, ["undo_window"], sqlite_where=IS_SET, postgresql_where=IS_SET
        )


def downgrade() -> None:
    """Texts that wait to be erased would stay sealed in their rows: let the worker run 40 minutes
    with no one writing, before going down."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_undo", table)
        op.drop_column(table, "undo_window")
        op.drop_column(table, "edited_on")
