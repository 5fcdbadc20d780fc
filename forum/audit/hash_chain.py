"""Hash chain of log lines: no line can be changed, moved, inserted or removed unseen.

Digests cover ciphertext, so a chain can be verified without the circle's key, even once destroyed.
A cut tail shows only against a head stored elsewhere: see forum.audit.checkpoints.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

BEGINNING = bytes(32)  # digest before the first line


class Line(Protocol):
    """Log line, as seen by its chain."""

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
    """End of a chain: length, and digest of the last line."""

    length: int = 0
    digest: bytes = BEGINNING

    @property
    def short(self) -> str:
        """First eight bytes of the digest for comparison by people: "3fa8 92bc 0011 7fe0"."""
        plain = self.digest[:8].hex()
        return " ".join(plain[at : at + 4] for at in range(0, 16, 4))


NO_LINES = Head()


def link(before: bytes, line: Line) -> bytes:
    """Digest of a line that follows the digest `before`: 32 bytes.

    Source: SHA-256 (FIPS 180-4) over `before` and the line's canonical JSON (RFC 8785, whose rules
    reduce to sorted keys here).
    """
    fields = {
        "chain": str(line.chain),
        "seq": line.seq,
        "at": line.at.astimezone(UTC).isoformat(),
        "sealed": line.sealed.hex(),
    }
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(before + plain.encode()).digest()


def broken_at(lines: Iterable[Line], known: Head = NO_LINES) -> int | None:
    """First faulty position of a chain, from 1; None if intact.

    lines: the whole chain, in order of `seq`. known: an earlier head, which the chain must still
    contain at its position.
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
