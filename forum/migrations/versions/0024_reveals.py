"""Hidden presenters may show their everyday name in one thread."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("thread", sa.Column("revealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("thread", "revealed")
