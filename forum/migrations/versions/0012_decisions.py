"""Drafts and posts hold what their author decided about details that may tell who somebody is."""

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


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "decisions")
