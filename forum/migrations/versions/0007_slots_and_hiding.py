"""A circle knows its next slot; a hidden post, since when and how far mending it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COPIED = ["id", "author_id", "why", "since", "waits_since", "changed", "circle_id"]


def upgrade() -> None:
    op.add_column("circle", sa.Column("slot_due_at", sa.DateTime()))
    op.create_table(
        "hiding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "patient",
                "moderator",
                name="hidden",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("waits_since", sa.Date(), nullable=True),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_hiding_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_hiding_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hiding")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_hiding_circle_id"), "hiding", ["circle_id"])
    hiding = sa.table("hiding", *map(sa.column, COPIED))
    for table in ("thread", "reply"):  # hidden since today, as far as anybody can tell
        post = sa.table(table, *map(sa.column, ("id", "author_id", "hidden", "circle_id")))
        waits = sa.case((post.c.hidden == "patient", sa.func.current_date()), else_=None)
        hidden = sa.select(
            *(post.c.id, post.c.author_id, post.c.hidden, sa.func.current_date(), waits),
            *(sa.false(), post.c.circle_id),
        ).where(post.c.hidden.is_not(None))
        op.execute(hiding.insert().from_select(COPIED, hidden))
    op.drop_column("flag", "lapses_at")


def downgrade() -> None:
    """What is hidden stays so until a moderator looks: nothing lapses."""
    op.add_column("flag", sa.Column("lapses_at", sa.DateTime()))
    op.drop_index(op.f("ix_hiding_circle_id"), "hiding")
    op.drop_table("hiding")
    op.drop_column("circle", "slot_due_at")
