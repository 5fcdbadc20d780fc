"""What belongs to an account: found by its owner, and naming nobody to whoever has no keys."""

import hmac
from uuid import UUID

from forum.core.keys import Label, ring

NOBODY = UUID(int=0)


def owner(member_id: UUID) -> bytes:
    """The mark on everything that is this member's, 32 bytes. Source: HMAC-SHA256, RFC 2104."""
    key = ring().derived(Label.OWNERS, ring().versions[-1])
    return hmac.digest(key, member_id.bytes, "sha256")
