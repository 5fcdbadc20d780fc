"""What a circle's search compares, in an index of its own: not beside long texts."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COMPARED = ["circle_id", "appears_at", "withdrawn", "hidden", "later_at", "revision", "id"]


def upgrade() -> None:
    """That of threads does what the one before it did, too."""
    op.drop_index("ix_thread_of_circle", "thread")
    for table in ("thread", "reply"):
        op.create_index(f"ix_{table}_of_circle", table, COMPARED)


def downgrade() -> None:
    """As it was."""
    for table in ("thread", "reply"):
        op.drop_index(f"ix_{table}_of_circle", table)
    op.create_index("ix_thread_of_circle", "thread", ["circle_id", "appears_at"])
