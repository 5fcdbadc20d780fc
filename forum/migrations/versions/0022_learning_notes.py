"""Learning notes, and the secret behind them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("learning_secret", sa.LargeBinary(), nullable=True))
    op.create_table(
        "learning_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_note")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("learning_note")
    op.drop_column("member", "learning_secret")
