"""Second factors: an app's secret and recovery codes of an account, marks of used codes."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

COLUMNS = ("totp_secret", "recovery_digests", "factor_asked")


def upgrade() -> None:
    op.create_table(
        "used_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_code")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("member") as member:
        for name in COLUMNS:
            member.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("member") as member:
        for name in reversed(COLUMNS):
            member.drop_column(name)
    op.drop_table("used_code")
