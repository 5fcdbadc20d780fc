"""What belongs to an account: found by its owner, and naming nobody to whoever has no keys."""

import hmac
from uuid import UUID

from forum.core.keys import Label, ring

NOBODY = UUID(int=0)
FIRST = 1  # the root whose marks stay alike when keys are changed


def owner(member_id: UUID, version: int | None = None) -> bytes:
    """The mark on everything that is this member's, 32 bytes. Source: HMAC-SHA256, RFC 2104.

    version: of the root, where it is not the newest one.
    """
    key = ring().derived(Label.OWNERS, version or ring().newest)
    return hmac.digest(key, member_id.bytes, "sha256")
