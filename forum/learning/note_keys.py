"""Row ids and keys of learning notes, derived from an account's learning secret.

Without the secret nobody can see that two rows are of one account, and no row opens: with the
account its secret goes, and what is left of its notes is noise.
"""

import hmac
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from forum.accounts.models import Member
from forum.core.envelope import Key
from forum.core.keys import Label, key_ring

NO_SECRET = bytes(32)  # of no account: ids derived from this belong to no row
PLACES_PER_QUERY = 100


class NoteKeys:
    """Row ids, seals and marks of one account's notes; of no row for an account without a secret.

    Source: HMAC-SHA256 (RFC 2104); ids are its first 16 bytes, written as UUID version 4
    (RFC 9562). Ids and marks are keyed with the first root. Key rotation replaces the secrets, on
    which ids depend; a thread's mark does not, since nobody can make it anew from what is stored.
    """

    def __init__(self, member: Member) -> None:
        self._secret, ring = member.learning_secret or NO_SECRET, key_ring()
        self._owner = member.id.bytes
        self._roots = {v: ring.derived(Label.LEARNING, v) for v in ring.versions}
        self._key = Key({v: self._derived(b"content", v) for v in self._roots})

    def id(self, number: int) -> UUID:
        """Row id of a note. number: from 0, in the order in which an account wrote them."""
        return UUID(bytes=self._derived(f"id|{number}".encode())[:16], version=4)

    def ids(self, first: int) -> dict[UUID, int]:
        """Row ids of PLACES_PER_QUERY numbers from `first`."""
        numbers = range(first, first + PLACES_PER_QUERY)
        return {self.id(number): number for number in numbers}

    def thread_mark(self, thread_id: UUID) -> str:
        """Mark of a thread, which only this account's notes have: 32 hexadecimal digits."""
        data = b"thread|" + self._owner + thread_id.bytes
        return hmac.digest(self._roots[1], data, "sha256").hex()[:32]

    def detail_key(self) -> bytes:
        """Key of the digests by which a page names details found in notes: 32 bytes."""
        return self._derived(b"detail")

    def seal(self, row_id: UUID, content: bytes) -> bytes:
        """Encrypt the content of a row."""
        return self._key.seal(content, _location(row_id))

    def open(self, row_id: UUID, sealed: bytes) -> bytes:
        """Decrypt the content of a row. Raises SealBroken."""
        return self._key.open(sealed, _location(row_id))

    def _derived(self, data: bytes, version: int = 1) -> bytes:
        return hmac.digest(self._roots[version], self._secret + data, "sha256")


def batches() -> Iterator[int]:
    """First number of each batch of ids."""
    return count(0, PLACES_PER_QUERY)


def _location(row_id: UUID) -> str:
    return f"v1|learning_note|content|{row_id}|account"
