"""What cannot wait, as a message and a note, says in which thread."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("flag", "name_note")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("of_thread", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "of_thread")
