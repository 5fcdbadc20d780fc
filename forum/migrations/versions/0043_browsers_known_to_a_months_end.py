"""A browser is known to the end of a month: a day of its own would name its row in all copies."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


SQLITE = (
    "UPDATE known_device SET expires_on = date(expires_on, 'start of month', '+1 month', '-1 day')"
)
POSTGRESQL = (
    "UPDATE known_device"
    " SET expires_on = (date_trunc('month', expires_on) + interval '1 month - 1 day')::date"
)


def upgrade() -> None:
    op.execute(sa.text(SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL))


def downgrade() -> None:
    """Leave the days as they are: nobody knows the earlier ones."""
