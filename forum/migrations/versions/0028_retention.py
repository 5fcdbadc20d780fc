"""Threads go some months after their closing, where a circle chooses so."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ENDS = sa.text("ending IS NOT NULL")


def upgrade() -> None:
    op.add_column("circle", sa.Column("retention_months", sa.Integer(), nullable=True))
    op.add_column("circle", sa.Column("erasure_told_on", sa.Date(), nullable=True))
    op.add_column("circle", sa.Column("erasure_on", sa.Date(), nullable=True))
    op.add_column("thread", sa.Column("hold_reason", sa.LargeBinary(), nullable=True))
    op.add_column("thread", sa.Column("ends_on", sa.Date(), nullable=True))
    # As SQL: SQLite makes a whole table anew for a check that is added apart from its column.
    op.execute(
        "ALTER TABLE thread ADD COLUMN ending VARCHAR(40) CONSTRAINT ck_thread_ending"
        " CHECK (ending IN ('told', 'held', 'going', 'gone'))"
    )
    op.create_index(
        "ix_thread_ending",
        "thread",
        ["ending", "ends_on"],
        sqlite_where=ENDS,
        postgresql_where=ENDS,
    )


def downgrade() -> None:
    op.drop_index("ix_thread_ending", "thread")
    for column in ("ending", "ends_on", "hold_reason"):
        op.drop_column("thread", column)
    for column in ("erasure_on", "erasure_told_on", "retention_months"):
        op.drop_column("circle", column)
