"""Somebody said thank you for a reply: one row a reply, of nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thank_you",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appears_at", sa.DateTime(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name="fk_thank_you_circle_id"),
        sa.ForeignKeyConstraint(["id"], ["reply.id"], name="fk_thank_you_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_thank_you"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_thank_you_circle_id", "thank_you", ["circle_id"])


def downgrade() -> None:
    op.drop_table("thank_you")
