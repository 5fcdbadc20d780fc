"""The lines of the logs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.envelope import Key
from forum.core.keys import key_ring
from forum.core.sealing import Sealed

SERVICE = UUID(int=0)  # the chain that belongs to no circle


class ChainSealed(Sealed[str]):
    """Sealed under the key of the circle whose chain it is, or under the service's."""

    def _key(self, row: Any) -> Key:
        return key_ring().service if row.chain == SERVICE else key_ring().circle(row.chain)

    def _scope(self, row: Any) -> str:
        return str(row.chain)


class Entry(Identified, Model):
    """One line of a log. `digest` covers it and, by the one before it, all that came before.

    Not told of anywhere: reading, writing behind a mask, which account an invitation became, who
    joined or left and when. None of it could be told without telling on someone.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        CheckConstraint("seq >= 1", name="from_one"),
        NO_ROWID,
    )

    chain: Mapped[UUID]  # a circle's id, or SERVICE; no foreign key: it outlives its circle
    seq: Mapped[int]  # from 1, without a gap
    at: Mapped[datetime]  # UTC: the hour; the day or a slot, where an hour would tell on someone
    said = ChainSealed(str)  # JSON: deed, actor, about, reason
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # see chain.link

    def __init__(self, *, chain: UUID, **values: Any) -> None:
        super().__init__(chain=chain, **values)  # before any text

    @property
    def sealed(self) -> bytes:
        """What it says, as it lies in the database."""
        return bytes(self._said)  # type: ignore[attr-defined]  # made by the descriptor
