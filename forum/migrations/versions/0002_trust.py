"""What tells a time, or what somebody did lately, no longer names who it was.

Sessions, known browsers and what an account remembers cannot be turned into one another without
telling whose they were: they end, and everybody signs in once more. Links that were for one member
live an hour at most, and end too; all others stay. An invitation may say for whom its link is.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from forum.core.keys import ring

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NO_ONES = bytes(32)  # the owner of a link that is for whoever holds it


def upgrade() -> None:
    _upgrade_accounts()
    _upgrade_circles()
    _upgrade_audit()


def downgrade() -> None:
    op.drop_table("log_entry")
    _downgrade_circles()
    _downgrade_accounts()


def _upgrade_circles() -> None:
    for column in (
        sa.Column("slots_from", sa.DateTime()),
        sa.Column("slots_before", sa.String(length=23)),
        sa.Column("timezone_before", sa.String(length=40)),
    ):
        op.add_column("circle", column)
    op.add_column("invitation", sa.Column("for_whom", sa.LargeBinary(), nullable=True))
    agreed = _rows("membership", "id", "circle_id", "rules")
    op.drop_column("membership", "rules")
    op.add_column(
        "membership", sa.Column("rules", sa.LargeBinary(), server_default="", nullable=False)
    )
    for row in agreed:
        rules = _sealed(str(UUID(str(row["rules"]))), "membership", "rules", row)
        _set("membership", row["id"], rules=rules)


def _downgrade_circles() -> None:
    """Everybody is asked once more to agree: what they agreed to cannot be opened here."""
    op.drop_column("membership", "rules")
    op.add_column(
        "membership", sa.Column("rules", sa.Uuid(), server_default=str(UUID(int=0)), nullable=False)
    )
    nothing = sa.text("UPDATE membership SET rules = :rules").bindparams(
        sa.bindparam("rules", UUID(int=0), sa.Uuid())
    )
    op.get_bind().execute(nothing)
    op.drop_column("invitation", "for_whom")
    for column in ("timezone_before", "slots_before", "slots_from"):
        op.drop_column("circle", column)


def _upgrade_audit() -> None:
    op.create_table(
        "log_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_log_entry_from_one")),
        sa.PrimaryKeyConstraint("id", name="pk_log_entry"),
        sa.UniqueConstraint("chain", "seq", name="uq_log_entry_chain_seq"),
        sqlite_with_rowid=False,
    )


def _upgrade_accounts() -> None:
    links = _links("member_id IS NULL")
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.drop_table(table)
    for make in (_sessions, _known_devices, _account_events, _one_time_links):
        make(sa.Column("owner", sa.LargeBinary(length=32), nullable=False))
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.create_index(f"ix_{table}_owner", table, ["owner"])
    _insert("one_time_link", [row | {"owner": NO_ONES} for row in links])


def _downgrade_accounts() -> None:
    links = _links("owner = :owner", owner=NO_ONES)
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.drop_table(table)
    _sessions(*_whose("session"))
    _known_devices(*_whose("known_device"))
    _account_events(*_whose("account_event"))
    _one_time_links(*_whose("one_time_link", nullable=True))
    op.create_index("ix_session_member_id", "session", ["member_id"])
    op.create_index("ix_known_device_member_id", "known_device", ["member_id"])
    op.create_index("ix_account_event_owner", "account_event", ["member_id", "hour"])
    _insert("one_time_link", [row | {"member_id": None} for row in links])


def _whose(table: str, *, nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """The column that named the member."""
    name = f"fk_{table}_member_id"
    key = sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=name, ondelete="CASCADE")
    return sa.Column("member_id", sa.Uuid(), nullable=nullable), key


def _sessions(*whose: Any) -> None:
    member = [] if len(whose) > 1 else [sa.Column("whose", sa.LargeBinary(), nullable=False)]
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("own_device", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        *(member + list(whose)),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_digest", name="uq_session_token_digest"),
        sqlite_with_rowid=False,
    )


def _known_devices(*whose: Any) -> None:
    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        *whose,
        sa.PrimaryKeyConstraint("id", name="pk_known_device"),
        sa.UniqueConstraint("token_digest", name="uq_known_device_token_digest"),
        sqlite_with_rowid=False,
    )


def _account_events(*whose: Any) -> None:
    kinds = (
        *("signed_in", "sign_in_failed", "password_changed", "password_reset"),
        *("address_changed", "sessions_ended", "words_taken_along"),
    )
    op.create_table(
        "account_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("happened", *kinds), nullable=False),
        sa.Column("hour", sa.DateTime(), nullable=False),
        *whose,
        sa.PrimaryKeyConstraint("id", name="pk_account_event"),
        sqlite_with_rowid=False,
    )


def _one_time_links(*whose: Any) -> None:
    purposes = ("set_up", "open_circle", "reset_password", "confirm_address", "sign_up")
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", _one_of("purpose", *purposes), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        *whose,
        sa.PrimaryKeyConstraint("id", name="pk_one_time_link"),
        sa.UniqueConstraint("digest", name="uq_one_time_link_digest"),
        sqlite_with_rowid=False,
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _sealed(plain: str, table: str, column: str, row: dict[str, Any]) -> bytes:
    """A value as the models seal it. Nothing, where the circle's key is gone."""
    circle_id = UUID(str(row["circle_id"]))
    if not ring().keeps(circle_id):
        return b""
    place = f"v1|{table}|{column}|{UUID(str(row['id']))}|{circle_id}"
    return ring().circle(circle_id).seal(plain.encode(), place)


def _rows(table: str, *columns: str) -> list[dict[str, Any]]:
    asked = sa.text(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  # nosec B608  # ours
    return [dict(row._mapping) for row in op.get_bind().execute(asked)]


def _set(table: str, row_id: Any, **values: Any) -> None:
    said = ", ".join(f"{name} = :{name}" for name in values)
    changed = sa.text(f"UPDATE {table} SET {said} WHERE id = :id")  # noqa: S608  # nosec B608  # ours
    op.get_bind().execute(changed, values | {"id": row_id})


def _links(which: str, **known: Any) -> list[dict[str, Any]]:
    columns = "id, digest, purpose, payload, expires_at"
    asked = sa.text(f"SELECT {columns} FROM one_time_link WHERE {which}")  # noqa: S608  # nosec B608  # nosec B608  # ours
    return [dict(row._mapping) for row in op.get_bind().execute(asked, known)]


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    """Put rows back as they were read, without a type in between."""
    for row in rows:
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        said = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  # nosec B608  # ours
        op.get_bind().execute(sa.text(said), row)
