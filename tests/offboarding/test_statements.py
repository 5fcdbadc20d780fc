"""Number of statements of the account page, whatever the number of circles left."""

import pytest

from forum.authors.services import choose_own_name
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.core.key_stores import SqliteKeyStore
from forum.offboarding import services
from forum.policy.terms import Role
from tests.world import World, transactions_of


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """Statements and openings of the key store that one account page takes."""
    opened, plain = [], SqliteKeyStore._opened
    monkeypatch.setattr(SqliteKeyStore, "_opened", lambda ring: opened.append(ring) or plain(ring))

    def count(circles):
        world = World(tmp_path / str(circles))
        with world.app.app_context():
            for number in range(circles):
                leave_a_circle(world, f"Circle {number}")
            engine = db.engine
        client = world.client("sol")
        client.get("/account")
        opened.clear()
        with transactions_of(engine) as transactions:
            page = client.get("/account").text
        assert page.count("You can undo this until") == circles
        return sum(map(len, transactions)), len(opened)

    return count


def leave_a_circle(world, name):
    with unit_of_work():
        home = found(name)
        join(home, world.ids["mo"], "Dr Mo", Role.MODERATOR)
        join(home, world.ids["sol"], "Dr Sol")
    world.ids[name] = home.id
    standing = world.standing("sol", name)
    with unit_of_work():
        choose_own_name(standing)
    with unit_of_work():
        services.leave(world.ids["sol"], home.id, words_go=False)


def test_eighteen_circles_left_cost_no_more_than_one(counted):
    assert counted(18) == counted(1)
