"""Recoveries of accounts as stored: one sealed row each, with an id of owner_keys."""

import hmac
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import select

from forum.accounts.models import AccountRecovery, Member
from forum.accounts.owner_keys import RECOVERIES
from forum.accounts.recovery_states import (
    CAN_BE_STOPPED,
    FOR_AN_ADDRESS,
    LASTS,
    Act,
    RecoveryState,
    after,
)
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.fences import left_out
from forum.core.keys import Label, key_ring

HOUR = timedelta(hours=1)
CONTENT = 450  # characters, so that no length tells of an address
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery of an account, as it stands now.

    ends: UTC, full hours; when the clock acts next. by: mark of the first of two members who
    vouched, until the second has. address: mail address that waits to be the account's.
    """

    whose: UUID
    state: RecoveryState = RecoveryState.NOTHING
    ends: datetime = LONG_AGO
    by: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    @property
    def can_be_stopped(self) -> bool:
        """True while every page tells the owner of the recovery."""
        return self.state in CAN_BE_STOPPED

    @property
    def hidden_opens(self) -> datetime | None:
        """Moment at which an account's hidden posts and drafts open again; None while open."""
        return self.ends if self.state is RecoveryState.DONE else None

    def moved(self, act: Act, by: str = "", *, address: str = "") -> Self:
        """Recovery after an act; the same where there is no path. by: a voucher's mark. address:
        of Act.ADDRESS.
        """
        then = after(self.state, act)
        if then is None:
            return self
        start = self.ends if act is Act.TIME else this_hour() + HOUR
        kept = by if then is RecoveryState.HALF else ""
        ends = start + LASTS.get(then, HOUR)
        waits = (address or self.address) if then in FOR_AN_ADDRESS else ""
        return replace(self, state=then, ends=ends, by=kept, address=waits)

    def to_json(self) -> str:
        """Text for the column AccountRecovery.content."""
        ends = int(self.ends.timestamp())
        known = {"id": str(self.whose), "state": self.state, "ends": ends, "by": self.by}
        return json.dumps(known | {"address": self.address}).ljust(CONTENT)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Recovery of the column AccountRecovery.content, moved on by the clock."""
        known = json.loads(text)
        ends = datetime.fromtimestamp(known["ends"], UTC)
        found = cls(UUID(known["id"]), RecoveryState(known["state"]), ends, known["by"])
        found = replace(found, address=known.get("address", ""))
        while found.state is not RecoveryState.NOTHING and found.ends <= now():
            found = found.moved(Act.TIME)
        return found


def of(member: Member) -> Recovery:
    """Recovery of an account."""
    rows = RECOVERIES.rows(member)
    return Recovery.from_json(rows[0].content) if rows else Recovery(member.id)


def all_by_row(job: str = "") -> dict[UUID, Recovery]:
    """Recoveries of all accounts by row id, in the order of these ids, which tells nothing.

    Damaged rows are left out, and logged for a job.
    """
    found = {}
    for row in db.session.scalars(select(AccountRecovery).order_by(AccountRecovery.id)):
        with left_out(job):
            found[row.id] = Recovery.from_json(row.content)
    return found


def store(member: Member, recovery: Recovery) -> None:
    """Write a recovery down, or delete its row, under the account's lock."""
    if recovery.state is RecoveryState.NOTHING:
        db.session.execute(RECOVERIES.delete(member))
    elif rows := RECOVERIES.rows_to_change(member):
        rows[0].content = recovery.to_json()
    else:
        RECOVERIES.write(member, rows, lambda row: row.id, content=recovery.to_json())
    db.session.flush()


def mark(whose: UUID, voucher_id: UUID) -> str:
    """Mark of a voucher, to tell a second one from the first. Source: HMAC-SHA256, RFC 2104."""
    key = key_ring().derived(Label.OWNERS)
    return hmac.digest(key, b"voucher" + whose.bytes + voucher_id.bytes, "sha256")[:16].hex()
