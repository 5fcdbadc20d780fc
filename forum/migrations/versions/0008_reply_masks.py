"""The day on which a circle had enough members to hide a name in a reply."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN_SINCE_THE_SIXTH = """
    UPDATE circle SET reply_masks_open_on = masks_open_on
    WHERE (SELECT COUNT(*) FROM membership
           WHERE membership.circle_id = circle.id AND membership.left_on IS NULL) >= 7
"""


def upgrade() -> None:
    """Circles of seven or more take the day of their sixth, so that no old news is told anew."""
    op.add_column("circle", sa.Column("reply_masks_open_on", sa.Date()))
    op.execute(OPEN_SINCE_THE_SIXTH)


def downgrade() -> None:
    op.drop_column("circle", "reply_masks_open_on")
