"""Help for those who lost every second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_recovery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_recovery")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("account_recovery")
