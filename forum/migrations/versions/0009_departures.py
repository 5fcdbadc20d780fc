"""What becomes of a leaver's posts, sealed; names still to be written on their author rows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Farewells stay until the worker has sealed them as departures: no migration has the keys.

    No name is pending in what an earlier release wrote: it changed both rows at once.
    """
    op.create_table(
        "departure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_departure_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_departure_circle_id"), "departure", ["circle_id"])
    no = sa.false()
    op.add_column(
        "membership", sa.Column("name_pending", sa.Boolean(), server_default=no, nullable=False)
    )


def downgrade() -> None:
    """Posts that were still to be withdrawn then stay, and a pending name stays as it was."""
    op.drop_column("membership", "name_pending")
    op.drop_index(op.f("ix_departure_circle_id"), "departure")
    op.drop_table("departure")
