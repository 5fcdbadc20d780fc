"""What a round needs of its replies, in an index of its own."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

COLUMNS = ("thread_id", "kind", "step", "appears_at", "author_id", "withdrawn", "hidden")


def upgrade() -> None:
    op.create_index("ix_reply_round", "reply", [*COLUMNS, "edited_on"])


def downgrade() -> None:
    op.drop_index("ix_reply_round", table_name="reply")
