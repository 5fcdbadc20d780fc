"""What was marked as read at once stands among the posts seen, where no size tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("read_mark", "added")


def downgrade() -> None:
    op.add_column("read_mark", sa.Column("added", sa.LargeBinary(), nullable=True))
