"""Where each log ended when we last looked, kept in a file apart from the database.

A chain alone does not show that its last lines were cut off; whoever can write to the database
would then have to change this file as well, which is sealed with the service's key.
"""

import json
from os import replace
from pathlib import Path
from uuid import UUID

from flask import current_app

from forum.audit import queries
from forum.audit.hash_chain import NO_LINES, Head
from forum.audit.models import SERVICE
from forum.core.keys import key_ring

PLACE = "v1|log-heads"


def known() -> dict[UUID, Head]:
    """The heads as they were kept; none before the first time.

    Raises SealBroken for a file that is not ours.
    """
    path = _path()
    if not path.exists():
        return {}
    plain = key_ring().service.open(path.read_bytes(), PLACE)
    return {
        UUID(chain): Head(length, bytes.fromhex(digest))
        for chain, (length, digest) in json.loads(plain).items()
    }


def keep() -> None:
    """Keep where each log ends now. It is not counted: another log would tell when something moved.

    A log that no longer goes on from where it ended is left as it was known, so that the next
    check finds it: nobody may have us forget by waiting a minute.
    """
    before, there = known(), queries.heads()
    living = key_ring().circles() | {SERVICE}
    after = {chain: head for chain, head in before.items() if chain in living}
    for chain, head in there.items():
        was = before.get(chain, NO_LINES)
        goes_on = not was.length or queries.digest_at(chain, was.length) == was.digest
        if goes_on and head.length >= was.length:
            after[chain] = head
    if after != before:
        write(after)


def forget() -> None:
    """Forget where the logs ended: another copy of the database has taken the place of this one."""
    _path().unlink(missing_ok=True)


def write(heads: dict[UUID, Head]) -> None:
    """Put these in the file, whole or not at all."""
    plain = {str(chain): (head.length, head.digest.hex()) for chain, head in heads.items()}
    draft = _path().with_suffix(".draft")
    draft.write_bytes(key_ring().service.seal(json.dumps(plain).encode(), PLACE))
    replace(draft, _path())


def _path() -> Path:
    return Path(current_app.config["LOG_HEADS_FILE"])
