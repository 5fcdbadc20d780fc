"""Requests to open a name, and questions for advice: sealed as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_matter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stored", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_matter")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("safety_matter")
