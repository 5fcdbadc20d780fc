"""A link for a whole group, and people who ask to join by it. Invitations may be such people's."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name="fk_group_link_circle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_group_link"),
        sa.UniqueConstraint("circle_id", name="uq_group_link_circle_id"),
        sa.UniqueConstraint("digest", name="uq_group_link_digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_group_link_circle_id", "group_link", ["circle_id"])
    op.create_table(
        "applicant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("secret", "name", "address", "rules")
        ),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name="fk_applicant_circle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_applicant"),
        sa.UniqueConstraint("digest", name="uq_applicant_digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_applicant_circle_id", "applicant", ["circle_id"])
    op.add_column("invitation", sa.Column("asked", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("invitation", "asked")
    op.drop_table("applicant")
    op.drop_table("group_link")
