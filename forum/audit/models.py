"""Table of log lines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import NO_ROWID, Identified, Model
from forum.core.envelope import Key
from forum.core.keys import key_ring
from forum.core.sealing import Sealed

SERVICE = UUID(int=0)  # the service's own chain


class ChainSealed(Sealed[str]):
    """Sealed under the key of the chain's circle, or under the service key."""

    def _key(self, row: Any) -> Key:
        return key_ring().service if row.chain == SERVICE else key_ring().circle(row.chain)

    def _scope(self, row: Any) -> str:
        return str(row.chain)


class Entry(Identified, Model):
    """Log line. `digest` covers the line and, through the previous digest, all earlier lines.

    Never logged: reading, writing behind a mask, the account that an invitation became, joining and
    leaving with names or dates. Each would expose somebody.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        CheckConstraint("seq >= 1", name="from_one"),
        NO_ROWID,
    )

    chain: Mapped[UUID]  # a circle's id, or SERVICE; no foreign key: it outlives its circle
    seq: Mapped[int]  # from 1, without a gap
    at: Mapped[datetime]  # UTC: the hour; the day or a slot where an hour would expose someone
    content = ChainSealed(str, column="said")  # JSON: deed, actor, about, reason
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # see hash_chain.link

    def __init__(self, *, chain: UUID, **values: Any) -> None:
        super().__init__(chain=chain, **values)  # sealing needs the chain before any text

    @property
    def sealed(self) -> bytes:
        """Ciphertext of the line's text, as stored."""
        return bytes(self._content)  # type: ignore[attr-defined]  # made by the descriptor
