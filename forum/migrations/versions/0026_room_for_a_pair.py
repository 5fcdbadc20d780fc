"""Members may say that they have room for a pair, and be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("pairing", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("membership", "pairing")
