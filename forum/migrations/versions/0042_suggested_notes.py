"""Whether a note to a name suggests a content note."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("name_note", sa.Column("suggested", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("name_note", "suggested")
