"""M9. Once the days of grace are over, nobody can tell who it was: not with keys and database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import worker
from forum.accounts.models import Member
from forum.authors.models import Author
from forum.authors.queries import hand
from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.offboarding import services
from forum.policy.terms import AuthorMode
from tests import engine
from tests.rows import dump
from tests.world import EVENING


def held(world, name_ids):
    """How many of these names can be tied to a membership that is kept, by whoever has all keys."""
    with world.app.app_context():
        names = db.session.scalars(select(Author).where(Author.id.in_(name_ids))).all()
        secrets = [each.mask_secret for each in db.session.scalars(select(Membership))]
        return sum(hand(secret).holds(name) for secret in secrets for name in names)


def is_kept(world, value):
    """Whether bytes lie in a file of the installation, or on PostgreSQL in a row."""
    with world.app.app_context():
        rows = dump().lower() if engine.IS_POSTGRESQL else ""
    return value.hex() in rows or any(value in path.read_bytes() for path in world.files())


@pytest.mark.parametrize("goes", ["the circle", "the account"])
def test_erasure(world, goes):
    """Fails when the purge keeps the membership of whoever left."""
    for mode in (AuthorMode.THREAD_PSEUDONYM, AuthorMode.CIRCLE_VOICE, AuthorMode.OWN_NAME):
        world.reply("ray", "A hard story.", mode)
    with world.app.app_context():
        mine = world.standing("ray").hand
        names = [each.id for each in db.session.scalars(select(Author)) if mine.holds(each)]
        place = select(Membership).filter_by(member_id=world.ids["ray"])
        sealed = db.session.scalar(place)._mask_secret
        with unit_of_work():
            if goes == "the circle":
                services.leave(world.ids["ray"], world.ids["rose"], words_go=False)
            else:
                services.delete_account(world.ids["ray"], words_go=False)
    assert held(world, names) == 3
    assert is_kept(world, sealed)

    world.moment = EVENING + timedelta(days=7)
    with world.app.app_context():
        worker.run_due_jobs()

    assert held(world, names) == 0
    assert not is_kept(world, sealed)
    assert "A hard story." in world.client("mo").get(world.thread).text
    with world.app.app_context():
        assert (db.session.get(Member, world.ids["ray"]) is None) is (goes == "the account")
