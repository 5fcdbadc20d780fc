"""A name that is still to be written on its author row."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No name is pending in what an earlier release wrote: it changed both rows at once."""
    no = sa.false()
    op.add_column(
        "membership", sa.Column("name_pending", sa.Boolean(), server_default=no, nullable=False)
    )


def downgrade() -> None:
    """A name that is still pending then stays as it was on the author row."""
    op.drop_column("membership", "name_pending")
