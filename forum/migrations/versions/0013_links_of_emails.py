"""An email knows the link that it carries, and does not leave once that is dead."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outgoing_mail", sa.Column("link", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("outgoing_mail", "link")
