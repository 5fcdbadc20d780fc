"""A vote to close a circle counts by the role that its voter has today, not then."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("closing_voice", "moderates")


def downgrade() -> None:
    no = sa.false()
    op.add_column(
        "closing_voice", sa.Column("moderates", sa.Boolean(), server_default=no, nullable=False)
    )
