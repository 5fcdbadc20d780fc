"""Rows of an account lie at ids made from a secret of its own, and say days; none has an owner.

Sessions, known browsers, account events and links of members cannot be moved to such ids without
telling whose they are: they are deleted, and everybody signs in once more. Links for whoever holds
them stay.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NO_ONES = bytes(32)  # was the owner of a link that is for whoever holds it
OF_MEMBERS = "purpose IN ('reset_password', 'confirm_address')"


def upgrade() -> None:
    op.add_column("member", sa.Column("secret", sa.LargeBinary(), nullable=True))
    links = _links("owner = :owner", owner=NO_ONES)
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.drop_table(table)
    _table(
        "session",
        sa.Column("whose", sa.LargeBinary(), nullable=False),
        _digest("token_digest"),
        sa.Column("ends_on", sa.Date(), nullable=False),
    )
    _known_devices()
    _table(
        "account_event",
        sa.Column("kind", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    )
    _one_time_links()
    _insert(links)


def downgrade() -> None:
    links = _links(f"NOT ({OF_MEMBERS})")
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.drop_table(table)
    _table(
        "session",
        sa.Column("whose", sa.LargeBinary(), nullable=False),
        _digest("token_digest"),
        sa.Column("own_device", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        _owner(),
    )
    _known_devices(_owner())
    _account_events()
    _one_time_links(_owner())
    for table in ("session", "known_device", "account_event", "one_time_link"):
        op.create_index(f"ix_{table}_owner", table, ["owner"])
    _insert([row | {"owner": NO_ONES} for row in links])
    op.drop_column("member", "secret")


def _known_devices(*more: sa.Column[Any]) -> None:
    day = sa.Column("expires_on", sa.Date(), nullable=False)
    _table("known_device", _digest("token_digest"), day, *more)


def _account_events() -> None:
    kinds = (
        *("signed_in", "sign_in_failed", "password_changed", "password_reset"),
        *("address_changed", "sessions_ended", "words_taken_along"),
    )
    _table(
        "account_event",
        sa.Column("kind", _one_of("happened", *kinds), nullable=False),
        sa.Column("hour", sa.DateTime(), nullable=False),
        _owner(),
    )


def _one_time_links(*more: sa.Column[Any]) -> None:
    purposes = ("set_up", "open_circle", "reset_password", "confirm_address", "sign_up")
    _table(
        "one_time_link",
        _digest("digest"),
        sa.Column("purpose", _one_of("purpose", *purposes), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        *more,
    )


def _table(name: str, *columns: sa.Column[Any]) -> None:
    """A table of random ids, each of its digests unique."""
    unique = [
        sa.UniqueConstraint(each.name, name=f"uq_{name}_{each.name}")
        for each in columns
        if each.name in ("token_digest", "digest")
    ]
    key = sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    known = sa.Column("id", sa.Uuid(), nullable=False)
    op.create_table(name, known, *columns, key, *unique, sqlite_with_rowid=False)


def _digest(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(length=32), nullable=False)


def _owner() -> sa.Column[Any]:
    return sa.Column("owner", sa.LargeBinary(length=32), nullable=False)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _links(which: str, **known: Any) -> list[dict[str, Any]]:
    columns = "id, digest, purpose, payload, expires_at"
    asked = sa.text(f"SELECT {columns} FROM one_time_link WHERE {which}")  # noqa: S608  # nosec B608  # ours
    return [dict(row._mapping) for row in op.get_bind().execute(asked, known)]


def _insert(links: list[dict[str, Any]]) -> None:
    """Put links back as they were read, without a type in between."""
    for link in links:
        names = ", ".join(link)
        places = ", ".join(f":{name}" for name in link)
        said = f"INSERT INTO one_time_link ({names}) VALUES ({places})"  # noqa: S608  # nosec B608  # ours
        op.get_bind().execute(sa.text(said), link)
