"""Themes of a circle's year, written by its facilitators."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_themes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_year_themes_from_one")),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circle.id"], name=op.f("fk_year_themes_circle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_themes")),
        sa.UniqueConstraint(
            "circle_id", "year", "number", name=op.f("uq_year_themes_circle_id_year_number")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_year_themes_circle_id"), "year_themes", ["circle_id"])


def downgrade() -> None:
    op.drop_table("year_themes")
