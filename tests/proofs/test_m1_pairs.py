"""M1 and M3 for pairs: who asks whom, and what is answered, nobody else can observe."""

import logging
from datetime import timedelta
from difflib import unified_diff

import pytest

from forum.circles.models import Membership
from forum.core.db import db
from tests.circles.test_room_for_a_pair import asks, pressed, says_room
from tests.notifications.post import ring
from tests.postoffice import PostOffice
from tests.proofs.test_m1_swap import as_seen, dump, files, letters, logged, settle
from tests.proofs.test_m3_statement_recorder import OF_MEMBERS, written_by
from tests.routes import parts_of, routes_of
from tests.world import MORNING, World, transactions_of

pytestmark = pytest.mark.leaks
ASKING = (("ray", "pru"), ("joe", "ivy"))  # who asks whom, in each of the two worlds
ACTS = {
    "asked": lambda world, who, whom: None,
    "withdrawn": lambda world, who, whom: asks(world, who, whom, do="withdraw"),
    "not now": lambda world, who, whom: pressed(world, "Not now", whom),
    "asked again": lambda world, who, whom: [
        pressed(world, "Not now", whom),
        asks(world, who, whom, do="withdraw"),
        asks(world, who, whom),
    ],
}


def begun(folder, who, whom):
    """A world in which two have room, all four have looked at their pages, and one asks."""
    world = World(folder)
    for each in ("pru", "ivy"):
        says_room(world, each)
    for each in ("ray", "joe", "pru", "ivy"):
        world.client(each).get("/")
    asks(world, who, whom)
    return world


@pytest.mark.proof("M1")
@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_can_tell_who_asks_for_a_pair(tmp_path, act, caplog):
    """Fails when a request is a row of its own, or leaves only the row of who is asked sealed anew,
    or stands in a log, a letter or another's page."""
    caplog.set_level(logging.DEBUG)
    seen = {}
    for who, whom in ASKING:
        caplog.clear()
        world = begun(tmp_path / who, who, whom)
        ACTS[act](world, who, whom)
        with PostOffice() as office:
            office.serves(world)
            world.moment = MORNING + timedelta(days=1)
            settle(world)
            ring(world)
            sent = letters(office)
        pages, parts = {}, parts_of(world)
        for other in ("mo", "kit", "nan", "lee", None):
            doors = [
                each for each in routes_of(world, parts, other or "sol")
                if each[0] not in {"static", "accounts.sign_out"}
            ]  # fmt: skip
            pages[other] = as_seen(world.client(other), doors)
        seen[who] = (pages, sent, dump(world), files(world), logged(caplog))

    one, other = seen.values()
    for place, found in one[0].items():
        for page, lines in found.items():
            differs = [*unified_diff(lines, other[0][place][page], lineterm="", n=0)]
            assert not differs, (place, page)
    assert one[1:] == other[1:]
    assert "I have room for one pair" in str(one[0]["mo"])


@pytest.mark.proof("M1")
def test_a_request_seals_all_memberships_anew(tmp_path):
    """Fails when two copies of the database, compared, tell whose row a request changed, or a row's
    size tells the length of a name."""
    world = begun(tmp_path, "ray", "pru")
    before = sealed_of(world)

    asks(world, "joe", "pru")

    after = sealed_of(world)
    assert before.keys() == after.keys()
    assert all(before[each] != after[each] for each in before)
    assert len({len(each) for each in after.values()}) == 1


def sealed_of(world):
    with world.app.app_context():
        here = Membership.circle_id == world.ids["rose"]
        return {each.id: each._pairing for each in db.session.query(Membership).where(here)}


@pytest.mark.proof("M3")
def test_names_in_a_pair_are_taken_apart_from_the_memberships(tmp_path):
    """Fails when the transaction that makes an author row of a pair writes a row of a member."""
    world = begun(tmp_path, "ray", "pru")

    written = [tables for _, tables in written_by(world, lambda: pressed(world, "Yes", "pru"))]

    assert sum("author" in tables for tables in written) == 2
    assert not any("author" in tables and tables & OF_MEMBERS for tables in written)


@pytest.mark.proof("M12")
def test_home_costs_the_same_whoever_is_asked(tmp_path):
    """Fails when a request is read by a statement that others do not run."""
    world = begun(tmp_path, "joe", "ivy")
    with world.app.app_context():
        engine = db.engine

    ran = {}
    for who in ("ivy", "kit"):
        client = world.client(who)
        client.get("/")
        with transactions_of(engine) as transactions:
            client.get("/")
        ran[who] = [statement for each in transactions for statement in each]

    assert ran["ivy"] == ran["kit"]
    assert len(ran["ivy"]) <= 13
