"""Actions of a presenter may have a day."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reply", sa.Column("report_on", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("reply", "report_on")
