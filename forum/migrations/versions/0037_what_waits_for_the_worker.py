"""Indexes of leavers and of names to be written: other memberships cost the worker nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    left = sa.text("left_on IS NOT NULL")
    op.create_index(
        "ix_membership_left", "membership", ["left_on"], postgresql_where=left, sqlite_where=left
    )
    op.create_index(
        "ix_membership_to_name",
        "membership",
        ["id"],
        postgresql_where=sa.text("name_pending"),
        sqlite_where=sa.text("name_pending = 1"),
    )


def downgrade() -> None:
    op.drop_index("ix_membership_to_name", table_name="membership")
    op.drop_index("ix_membership_left", table_name="membership")
