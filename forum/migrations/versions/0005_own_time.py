"""Mail that is sent once, or flagged; what is new over all circles."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(  # in words, since the check must come along with the column
        "ALTER TABLE outgoing_mail ADD COLUMN state VARCHAR(40) DEFAULT 'waiting' NOT NULL"
        " CONSTRAINT ck_outgoing_mail_state"
        " CHECK (state IN ('waiting', 'sending', 'unsure', 'given_up'))"
    )
    op.execute("UPDATE outgoing_mail SET state = 'given_up' WHERE given_up")
    op.drop_index("ix_outgoing_mail_due", "outgoing_mail")
    op.drop_column("outgoing_mail", "given_up")
    op.create_index("ix_outgoing_mail_due", "outgoing_mail", ["state", "due_at"])
    op.add_column("outgoing_mail", sa.Column("taken_at", sa.DateTime()))
    op.add_column("outgoing_mail", sa.Column("code", sa.Integer()))
    for column in ("html", "unsubscribe", "log_mark", "whose"):
        op.add_column("outgoing_mail", sa.Column(column, sa.LargeBinary()))

    long_ago = "1970-01-01 00:00:00"
    moved = sa.Column("moved_at", sa.DateTime(), server_default=long_ago, nullable=False)
    op.add_column("thread", moved)
    for table in ("thread", "reply"):
        op.add_column(table, sa.Column("blocks", sa.Integer(), server_default="1", nullable=False))
        of = sa.table(table, sa.column("blocks"), sa.column("body"))
        op.execute(of.update().values(blocks=(sa.func.length(of.c.body) - 30) // 256))
    op.execute(
        "UPDATE thread SET moved_at = COALESCE("
        "(SELECT MAX(appears_at) FROM reply WHERE thread_id = thread.id), appears_at)"
    )
    op.create_index(
        "ix_thread_moved",
        "thread",
        [
            "circle_id",
            "moved_at",
            "appears_at",
            "stirred",
            "withdrawn",
            "hidden",
            "blocks",
            "author_id",
        ],
    )
    op.create_index(
        "ix_reply_there", "reply", ["thread_id", "appears_at", "withdrawn", "hidden", "blocks"]
    )
    for table, default in (("membership", " DEFAULT 'everything' NOT NULL"), ("read_mark", "")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN follows VARCHAR(40){default}"
            f" CONSTRAINT ck_{table}_follows"
            " CHECK (follows IN ('everything', 'answers', 'nothing'))"
        )
    no = sa.false()
    op.add_column("read_mark", sa.Column("saved", sa.Boolean(), server_default=no, nullable=False))
    for column in ("added", "note"):
        op.add_column("read_mark", sa.Column(column, sa.LargeBinary()))
    op.create_table(
        "mail_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest_at", sa.DateTime(), nullable=True),
        sa.Column("wishes", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["member.id"], name=op.f("fk_mail_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_plan")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_mail_plan_digest_at"), "mail_plan", ["digest_at"])
    op.create_table(
        "turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_turn_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_turn_circle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("mark", name=op.f("uq_turn_mark")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_turn_circle_id"), "turn", ["circle_id"])
    op.add_column("circle", sa.Column("round_weeks", sa.Integer()))
    op.add_column("circle", sa.Column("round_ends_on", sa.Date()))
    op.add_column("circle", sa.Column("turn", sa.LargeBinary(length=32)))
    op.add_column("draft", sa.Column("amends", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("draft", sa.Column("tab", sa.LargeBinary()))


def downgrade() -> None:
    """What may have arrived is not sent again."""
    no = sa.false()
    for column in ("tab", "amends"):
        op.drop_column("draft", column)
    for column in ("turn", "round_ends_on", "round_weeks"):
        op.drop_column("circle", column)
    op.drop_index(op.f("ix_turn_circle_id"), "turn")
    op.drop_table("turn")
    op.drop_index(op.f("ix_mail_plan_digest_at"), "mail_plan")
    op.drop_table("mail_plan")
    for column in ("note", "added", "saved", "follows"):
        op.drop_column("read_mark", column)
    op.drop_column("membership", "follows")
    op.drop_index("ix_reply_there", "reply")
    op.drop_index("ix_thread_moved", "thread")
    op.drop_column("thread", "moved_at")
    for table in ("thread", "reply"):
        op.drop_column(table, "blocks")
    for column in ("whose", "log_mark", "unsubscribe", "html", "code", "taken_at"):
        op.drop_column("outgoing_mail", column)
    op.add_column(
        "outgoing_mail", sa.Column("given_up", sa.Boolean(), server_default=no, nullable=False)
    )
    op.execute("UPDATE outgoing_mail SET given_up = (state IN ('unsure', 'given_up'))")
    op.drop_index("ix_outgoing_mail_due", "outgoing_mail")
    op.drop_column("outgoing_mail", "state")
    op.create_index("ix_outgoing_mail_due", "outgoing_mail", ["given_up", "due_at"])
