"""Flags, and what moderators may do about a post, a thread or a name in it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marked_passages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circle.id"], name=op.f("fk_marked_passages_circle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marked_passages")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("marked_passages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_marked_passages_circle_id"), ["circle_id"], unique=False
        )

    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("hides", sa.Boolean(), nullable=False),
        sa.Column("lapses_at", sa.DateTime(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "kept_hidden",
                "mended",
                "shown",
                "acted",
                "gone",
                "lapsed",
                "answered",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_flag_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_flag_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("mark", name=op.f("uq_flag_mark")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_circle_id"), ["circle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flag_post_id"), ["post_id"], unique=False)

    op.create_table(
        "muted",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_muted_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_muted_circle_id")),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_muted_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted")),
        sa.UniqueConstraint("thread_id", "author_id", name=op.f("uq_muted_thread_id_author_id")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("muted", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_muted_circle_id"), ["circle_id"], unique=False)

    no = sa.false()
    op.add_column("quote", sa.Column("withheld", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("thread", sa.Column("locked", sa.Boolean(), server_default=no, nullable=False))
    for table in ("thread", "reply"):  # in words, since the check must come along with the column
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN hidden VARCHAR(40)"
            f" CONSTRAINT ck_{table}_hidden CHECK (hidden IN ('patient', 'moderator'))"
        )


def downgrade() -> None:
    """What was hidden shows again."""
    for table, column in (
        *(("thread", "hidden"), ("thread", "locked")),
        *(("reply", "hidden"), ("quote", "withheld")),
    ):
        op.drop_column(table, column)
    with op.batch_alter_table("muted", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_muted_circle_id"))

    op.drop_table("muted")
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_post_id"))
        batch_op.drop_index(batch_op.f("ix_flag_circle_id"))

    op.drop_table("flag")
    with op.batch_alter_table("marked_passages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marked_passages_circle_id"))

    op.drop_table("marked_passages")
