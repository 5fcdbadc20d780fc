"""The day of a round for which a draft waits."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("opening", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("draft", "opening")
