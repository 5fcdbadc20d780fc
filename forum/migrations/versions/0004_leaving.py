"""Leaving, closing a circle, deleting an account."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closing_voice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("moderates", sa.Boolean(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circle.id"], name=op.f("fk_closing_voice_circle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_voice")),
        sa.UniqueConstraint("mark", name=op.f("uq_closing_voice_mark")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("closing_voice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closing_voice_circle_id"), ["circle_id"], unique=False)

    op.create_table(
        "farewell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("goes_at", sa.DateTime(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_farewell_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_farewell_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farewell")),
        sa.UniqueConstraint("author_id", name=op.f("uq_farewell_author_id")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("farewell", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farewell_circle_id"), ["circle_id"], unique=False)

    no = sa.false()
    op.add_column("circle", sa.Column("closes_on", sa.Date()))
    op.add_column("member", sa.Column("goes_on", sa.Date()))
    op.add_column(
        "membership", sa.Column("removed", sa.Boolean(), server_default=no, nullable=False)
    )


def downgrade() -> None:
    for table, column in (
        ("membership", "removed"),
        ("member", "goes_on"),
        ("circle", "closes_on"),
    ):
        op.drop_column(table, column)
    with op.batch_alter_table("farewell", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_farewell_circle_id"))

    op.drop_table("farewell")
    with op.batch_alter_table("closing_voice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closing_voice_circle_id"))

    op.drop_table("closing_voice")
