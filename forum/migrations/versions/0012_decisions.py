"""Drafts and posts hold what their author decided about details that may tell who somebody is.

And moderators write notes to names.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("draft", "thread", "reply")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("decisions", sa.LargeBinary(), nullable=True))
    op.create_table(
        "name_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name="fk_name_note_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name="fk_name_note_circle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_name_note"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_note_author_id", "name_note", ["author_id"])
    op.create_index("ix_name_note_circle_id", "name_note", ["circle_id"])


def downgrade() -> None:
    op.drop_table("name_note")
    for table in TABLES:
        op.drop_column(table, "decisions")
