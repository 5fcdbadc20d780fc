"""Circles have a kind: a group, a pair, one conversation."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In words, since alembic adds no CHECK to a table of SQLite without copying it.
    op.execute(
        "ALTER TABLE circle ADD COLUMN kind VARCHAR(40) DEFAULT 'group' NOT NULL "
        "CONSTRAINT ck_circle_circlekind CHECK (kind IN ('group', 'pair', 'one_off'))"
    )
    op.execute("ALTER TABLE circle ADD COLUMN complete BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    op.drop_column("circle", "complete")
    op.drop_column("circle", "kind")
