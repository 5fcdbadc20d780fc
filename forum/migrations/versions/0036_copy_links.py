"""Links with which somebody who cannot sign in takes a copy of their posts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BEFORE = ("set_up", "open_circle", "reset_password", "confirm_address", "sign_up")
COLUMNS = ("id", "digest", "purpose", "payload", "expires_at")


def upgrade() -> None:
    _make_again(
        "set_up", "open_circle", "reset_password", "confirm_address", "take_copy", "sign_up"
    )


def downgrade() -> None:
    op.execute("DELETE FROM one_time_link WHERE purpose = 'take_copy'")
    _make_again(*BEFORE)


def _make_again(*purposes: str) -> None:
    """Make the table anew with its rows, since SQLite changes no CHECK."""
    names = ", ".join(COLUMNS)
    links = op.get_bind().execute(sa.text(f"SELECT {names} FROM one_time_link"))  # noqa: S608  # nosec B608  # ours
    rows: list[dict[str, Any]] = [dict(row._mapping) for row in links]
    op.drop_table("one_time_link")
    purpose = sa.Enum(
        *purposes, name="purpose", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", purpose, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_link"),
        sa.UniqueConstraint("digest", name="uq_one_time_link_digest"),
        sqlite_with_rowid=False,
    )
    places = ", ".join(f":{name}" for name in COLUMNS)
    said = f"INSERT INTO one_time_link ({names}) VALUES ({places})"  # noqa: S608  # nosec B608  # ours
    for row in rows:
        op.get_bind().execute(sa.text(said), row)
