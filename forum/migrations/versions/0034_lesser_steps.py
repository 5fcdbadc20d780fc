"""A telephone for an emergency; the help panel above a thread."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("emergency_contact", sa.LargeBinary(), nullable=True))
    op.add_column("thread", sa.Column("help_until", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("thread", "help_until")
    op.drop_column("member", "emergency_contact")
