"""A post carries its language, and an account's event the day of its owner's clock."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SEALED = (("thread", "language"), ("reply", "language"), ("account_event", "own_day"))


def upgrade() -> None:
    for table, column in SEALED:
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table, column in reversed(SEALED):
        op.drop_column(table, column)
