"""Last known head of each log, sealed, in the key store and so apart from the database.

A hash chain alone does not reveal a cut tail. With the heads, a forger needs write access to both,
and the service key.
"""

import json
from uuid import UUID

from flask import current_app

from forum.audit import queries
from forum.audit.hash_chain import NO_LINES, Head
from forum.audit.models import SERVICE
from forum.core.keys import key_ring

PLACE = "v1|log-heads"


def known() -> dict[UUID, Head]:
    """Stored heads by chain; empty before the first checkpoint.

    Raises SealBroken where they are forged.
    """
    sealed = key_ring().store.log_heads()
    if sealed is None:
        return {}
    plain = key_ring().service.open(sealed, PLACE)
    return {
        UUID(chain): Head(length, bytes.fromhex(digest))
        for chain, (length, digest) in json.loads(plain).items()
    }


def keep() -> None:
    """Store the present head of each log. Returns no count, since other logs would then reveal
    activity.

    A log that no longer extends its stored head keeps the old head: the next check must find the
    fault, and waiting for a checkpoint must not erase it.
    """
    before, there = known(), queries.heads()
    living = key_ring().circles() | {SERVICE}
    after = {chain: head for chain, head in before.items() if chain in living}
    for chain, head in there.items():
        was = before.get(chain, NO_LINES)
        if _goes_on(chain, was, head):
            after[chain] = head
    if after != before:
        write(after)


def keep_new() -> None:
    """Store the present heads if any log moved since this process stored them last."""
    extent = queries.extent()
    if current_app.extensions.get("log_extent") != extent:
        keep()
        current_app.extensions["log_extent"] = extent


def _goes_on(chain: UUID, was: Head, head: Head) -> bool:
    """Whether a log extends the stored head; a log without a new line keeps the head."""
    if not was.length or head == was:
        return True
    return head.length > was.length and queries.digest_at(chain, was.length) == was.digest


def forget() -> None:
    """Delete all stored heads, after the database was restored from a backup."""
    key_ring().store.write_log_heads(None)


def write(heads: dict[UUID, Head]) -> None:
    """Seal the heads, and store them in place of those before."""
    key_ring().require_fitting()
    plain = {str(chain): (head.length, head.digest.hex()) for chain, head in heads.items()}
    key_ring().store.write_log_heads(key_ring().service.seal(json.dumps(plain).encode(), PLACE))
