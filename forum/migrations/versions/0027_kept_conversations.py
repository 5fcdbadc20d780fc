"""One conversation may be kept by all who are in it."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE circle ADD COLUMN kept BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    op.drop_column("circle", "kept")
