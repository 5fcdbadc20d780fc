"""Threads hold the reason why a moderator turned off replies."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("thread", sa.Column("lock_reason", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("thread", "lock_reason")
