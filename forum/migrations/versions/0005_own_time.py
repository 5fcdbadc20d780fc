"""Mail that is sent once, or flagged."""

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
    for column in ("html", "unsubscribe", "whose"):
        op.add_column("outgoing_mail", sa.Column(column, sa.LargeBinary()))


def downgrade() -> None:
    """What may have arrived is not sent again."""
    no = sa.false()
    for column in ("whose", "unsubscribe", "html", "code", "taken_at"):
        op.drop_column("outgoing_mail", column)
    op.add_column(
        "outgoing_mail", sa.Column("given_up", sa.Boolean(), server_default=no, nullable=False)
    )
    op.execute("UPDATE outgoing_mail SET given_up = (state IN ('unsure', 'given_up'))")
    op.drop_index("ix_outgoing_mail_due", "outgoing_mail")
    op.drop_column("outgoing_mail", "state")
    op.create_index("ix_outgoing_mail_due", "outgoing_mail", ["given_up", "due_at"])
