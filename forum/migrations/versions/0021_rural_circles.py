"""Circles may say that they are rural."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("circle", sa.Column("rural_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("circle", "rural_sealed")
