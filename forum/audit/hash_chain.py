"""How the lines of a log hang together, so that none can be changed, moved, added or cut out.

A digest covers the ciphertext and not the words, so that a chain can be checked by whoever has
the database, after its circle's key is gone as well. That lines were cut off its end it cannot
show: for that its head is kept apart, see forum.audit.checkpoints.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

BEGINNING = bytes(32)  # what stands before the first line


class Line(Protocol):
    """A line, as far as its chain goes."""

    @property
    def chain(self) -> UUID: ...
    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def sealed(self) -> bytes: ...
    @property
    def digest(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: its length, and the digest of its last line."""

    length: int = 0
    digest: bytes = BEGINNING

    @property
    def short(self) -> str:
        """Eight bytes of the digest, for people to compare: "3fa8 92bc 0011 7fe0"."""
        plain = self.digest[:8].hex()
        return " ".join(plain[at : at + 4] for at in range(0, 16, 4))


NO_LINES = Head()


def link(before: bytes, line: Line) -> bytes:
    """The digest of a line that comes after the one with digest `before`, 32 bytes.

    Source: SHA-256 (FIPS 180-4) over the one before and the canonical JSON (RFC 8785, whose rules
    reduce to sorted keys here) of the line.
    """
    said = {
        "chain": str(line.chain),
        "seq": line.seq,
        "at": line.at.astimezone(UTC).isoformat(),
        "sealed": line.sealed.hex(),
    }
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(before + plain.encode()).digest()


def broken_at(lines: Iterable[Line], known: Head = NO_LINES) -> int | None:
    """The first place, from 1, at which a chain does not hold; None where all of it does.

    lines: all of one chain, in the order of `seq`. known: a head that it had once and must still
    have at that place.
    """
    head = NO_LINES
    for line in lines:
        if line.seq != head.length + 1 or not _same(link(head.digest, line), line.digest):
            return head.length + 1
        head = Head(line.seq, line.digest)
        if head.length == known.length and not _same(head.digest, known.digest):
            return head.length
    return head.length + 1 if head.length < known.length else None


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
