"""Jobs of the worker: new secrets and row ids for all accounts each week, and each night new seals
of their own rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts import known_devices
from forum.accounts.models import Member
from forum.accounts.owner_keys import STAYING, Ring, lock, move_away, rekey
from forum.core import resealing
from forum.core.db import db, unit_of_work
from forum.core.fences import fence, left_out
from forum.core.maintenance import night_of_week, note_week

JOB, SEALED = "accounts.moved", "accounts.sealed"
BATCH_SIZE = 20  # accounts between two transactions
ROWS = 500  # of accounts that are gone, likewise


def seal_all_anew() -> None:
    """Seal the rows of all accounts again: nightly copies then hide whose changed, by a second
    sign-in, a recovery code, a new password or a telephone."""
    resealing.seal_all_anew(Member, SEALED)


def move_if_due() -> None:
    """Move the rows of all accounts to new ids, in the first night of a week; the next night again
    where a part failed."""
    if (night := night_of_week()) and move_rows():
        note_week(night)


def move_rows() -> bool:
    """Give every account a new secret, and its sessions, browsers, events and passkeys new ids.

    Returns False where a part failed. Under lasting ids an id comes round again, and copies of many
    nights show which of these nights were one account's. All accounts move together, since one
    alone would show who was here; surplus browsers go at the same time.
    """
    with current_app.app_context():
        before = ids_of_rows()
        everybody = db.session.scalars(select(Member.id).order_by(Member.id)).all()
    starts, done = range(0, len(everybody), BATCH_SIZE), 0
    for start in starts:
        some = everybody[start : start + BATCH_SIZE]
        with current_app.app_context(), fence(JOB):
            with unit_of_work():
                theirs = select(Member).where(Member.id.in_(some)).order_by(Member.id)
                for member in db.session.scalars(theirs).all():
                    _move(member)
            done += 1
    with current_app.app_context():
        return done == len(starts) and move_left_behind(before)


def ids_of_rows() -> Mapping[Ring[Any], frozenset[UUID]]:
    """Ids of all rows in tables of STAYING."""
    return {ring: frozenset(db.session.scalars(select(ring.table.id))) for ring in STAYING}


def move_left_behind(before: Mapping[Ring[Any], frozenset[UUID]]) -> bool:
    """Move rows of deleted accounts, which no account moved: else these rows alone would keep their
    ids.

    before: result of `ids_of_rows` before the move. Returns False where a part failed.
    """
    done = True
    for ring, ids in before.items():
        left = sorted(ids.intersection(db.session.scalars(select(ring.table.id))))
        for start in range(0, len(left), ROWS):
            these = ring.table.id.in_(left[start : start + ROWS])
            is_moved = False
            with fence(JOB):
                with unit_of_work():
                    for row in db.session.scalars(select(ring.table).where(these)).all():
                        move_away(row)
                is_moved = True
            done &= is_moved
    return done


def _move(member: Member) -> None:
    with left_out(JOB):  # the account's own secret may be damaged
        lock(member)
        known_devices.trim(member)
        db.session.flush()
        rekey(member)
