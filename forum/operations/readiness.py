"""Readiness to serve: root key, key store and database belong together."""

from sqlalchemy import select

from forum.accounts.models import Member
from forum.circles.models import Circle
from forum.core.db import db
from forum.core.errors import SealBroken
from forum.core.keys import BadKeys, key_ring


def require_fitting_keys() -> None:
    """Check that the keys open the database. Raises BadKeys with instructions."""
    key_ring().require_fitting()
    member = db.session.scalar(select(Member).limit(1))
    try:
        if member is not None:
            _ = member.name
    except SealBroken as error:
        raise BadKeys(
            "The database was sealed under another root key: put back the root.key that it was"
            " made with. Nothing was changed."
        ) from error
    known = key_ring().circles() | key_ring().destroyed()
    if lost := [each for each in db.session.scalars(select(Circle.id)) if each not in known]:
        raise BadKeys(
            f"{key_ring().store.name} lacks the keys of {len(lost)} of the circles: it is damaged,"
            " or older than the database. Restore it from its last backup. Nothing was changed."
        )
