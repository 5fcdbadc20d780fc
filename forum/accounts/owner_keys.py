"""Row ids of an account, derived from its secret: rows are found by id, and have no owner column.

A copy of the database holds no value repeated over the rows of one account. Each table gives an
account a ring: a fixed number of ids, of which the oldest row is overwritten once all are in use.
Once a week all accounts get new secrets, and so new ids: see jobs.move_rows.
"""

import hmac
from collections.abc import Callable, Sequence
from secrets import choice, token_bytes
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Delete, delete, select

from forum.accounts.models import (
    AccountEvent,
    AccountRecovery,
    KnownDevice,
    Member,
    OneTimeLink,
    Passkey,
    Purpose,
    Session,
)
from forum.core.db import Identified, db, one_at_a_time
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.keys import Label, key_ring
from forum.core.randomness import new_id
from forum.core.sealing import sealed_columns

SIZE = 32  # bytes of an account's secret
NOBODY = UUID(int=0)  # id of no account
NO_SECRET = bytes(SIZE)  # of no account: ids derived from this belong to no row

Row = TypeVar("Row", bound=Identified)


class Ring(Generic[Row]):
    """Ids reserved in a table for an account.

    purpose: distinguishes several rings of a table. most: rows at once; fewer than there are ids
    where rows come and go with every signing in, so that an id is seldom in use twice in the copies
    of a month, which would be a diary of the account.
    """

    def __init__(
        self, table: type[Row], size: int, purpose: str = "", *, most: int | None = None
    ) -> None:
        self.table, self._size, self._purpose = table, size, purpose
        self._most = most or size

    def ids(self, member: Member | None) -> list[UUID]:
        """All ids of this ring, in order; without a member, ids that no row has.

        Source: HMAC-SHA256 (RFC 2104), first 16 bytes written as UUID version 4 (RFC 9562).
        """
        secret = (member.secret if member else b"") or NO_SECRET
        place = f"{self.table.__tablename__}|{self._purpose}|"  # type: ignore[attr-defined]
        return [_id(secret + f"{place}{n}".encode()) for n in range(self._size)]

    def rows(self, member: Member | None) -> list[Row]:
        """Rows of an account, read in one statement, unordered."""
        return list(
            db.session.scalars(select(self.table).where(self.table.id.in_(self.ids(member))))
        )

    def delete(self, member: Member | None) -> Delete:
        """DELETE statement for the rows of an account, which is locked; callers may add
        conditions.
        """
        lock(member)
        return delete(self.table).where(self.table.id.in_(self.ids(member)))

    def rows_to_change(self, member: Member) -> list[Row]:
        """Rows of an account, locked against other units of work until this one ends."""
        lock(member)
        if not member.secret:  # of an account of an earlier release
            member.secret = new_secret()
        return self.rows(member)

    def write(
        self, member: Member, rows: Sequence[Row], age: Callable[[Row], Any], **values: Any
    ) -> None:
        """Add a row, or overwrite the oldest if there are as many as there may be.

        rows: result of rows_to_change. age: sort key, oldest first. A free id is drawn at random:
        in sequence, the first id would be in use in every copy of the database.
        """
        if len(rows) < self._most:
            db.session.add(self.table(id=choice(self._free(member, rows)), **values))
            return
        oldest = min(rows, key=age)
        self.move(member, rows, oldest)
        for name, value in values.items():
            setattr(oldest, name, value)

    def move(self, member: Member, rows: Sequence[Row], row: Row) -> None:
        """Give a row another id of its ring, drawn at random, where one is free."""
        if free := self._free(member, rows):
            _move(row, choice(free))

    def _free(self, member: Member, rows: Sequence[Row]) -> list[UUID]:
        taken = {row.id for row in rows}
        return [each for each in self.ids(member) if each not in taken]


SESSIONS = Ring(Session, 40, most=30)  # ended ones among them: see sessions.begin
DEVICES = Ring(KnownDevice, 60, most=40)  # of a week: see known_devices.trim
EVENTS = Ring(AccountEvent, 60)
PASSKEYS = Ring(Passkey, 10)
RECOVERIES = Ring(AccountRecovery, 1)
LINKS = {purpose: Ring(OneTimeLink, 4, purpose) for purpose in Purpose}
STAYING: tuple[Ring[Any], ...] = (SESSIONS, DEVICES, EVENTS)  # after their account: see forget
RINGS: tuple[Ring[Any], ...] = (*STAYING, PASSKEYS, RECOVERIES, *LINKS.values())


def lock(member: Member | None) -> None:
    """Lock an account until this unit of work ends, and read it as it stands then.

    Another host, or the weekly move of rows, may have changed the account meanwhile: under an
    earlier secret no row would be found. Changes not yet written are written first, and stay. Call
    before any row of the account is written, since a move takes the lock first. Without a member
    equal statements run. Raises NotFound for an account that is gone by now.
    """
    member_id = member.id if member else NOBODY
    if one_at_a_time("account", member_id):
        this = select(Member).where(Member.id == member_id)
        now_is = db.session.scalar(this.execution_options(populate_existing=True))
        if member and now_is is None:
            raise NotFound


def new_secret() -> bytes:
    """Random secret for an account: 32 bytes."""
    return token_bytes(SIZE)


def member_digest(member_id: UUID) -> str:
    """Keyed digest of an account, 64 hexadecimal digits, for the signed cookie alone.

    Independent of key rotation, so text typed before a rotation returns after sign-in.
    """
    return hmac.digest(_key(), member_id.bytes, "sha256").hex()


def rekey(member: Member) -> None:
    """Replace an account's secret and move its rows to new ids, inside a unit of work.

    Damaged rows move too: else no other row of theirs could, and they would outlive their account.
    """
    lock(member)
    before = [(ids, ids.ids(member), ids.rows_to_change(member)) for ids in RINGS]
    member.secret = new_secret()
    for each, old_ids, rows in before:
        anew = dict(zip(old_ids, each.ids(member), strict=True))
        for row in rows:
            _move(row, anew[row.id])


def move_away(row: Identified) -> None:
    """Move a row of no account to a random id."""
    _move(row, new_id())


def _move(row: Identified, to: UUID) -> None:
    """Change a row's id, and seal its values again, since sealed values are bound to the id; a
    damaged value is left as it is."""
    opened = {}
    for name in sealed_columns(type(row)):
        with left_out():
            opened[name] = getattr(row, name)
    row.id = to
    for name, value in opened.items():
        setattr(row, name, value)


def have_learning_secret(member: Member) -> None:
    """Draw a learning secret for an account without one, which is locked.

    The worker draws those of all earlier accounts together: drawn with a first note, it would show
    in two copies of the database who began to write notes.
    """
    lock(member)
    if not member.learning_secret:
        member.learning_secret = new_secret()


def _id(data: bytes) -> UUID:
    return UUID(bytes=hmac.digest(_key(), data, "sha256")[:16], version=4)


def _key() -> bytes:
    """Key of the first root: rotation replaces the accounts' secrets, on which alone the ids
    depend.
    """
    return key_ring().derived(Label.OWNERS)
