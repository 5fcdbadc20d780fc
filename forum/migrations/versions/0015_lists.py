"""Posts hold their first words for lists, threads topics, circles topics and a pinned thread."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SEALED = (("thread", "gist"), ("reply", "gist"), ("thread", "topics"), ("circle", "topics"))


def upgrade() -> None:
    for table, column in SEALED:
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))
    op.add_column("circle", sa.Column("pinned_thread_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("circle", "pinned_thread_id")
    for table, column in reversed(SEALED):
        op.drop_column(table, column)
