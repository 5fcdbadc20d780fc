"""M2 and M6. Nothing in a copy of the database, nor in any answer, ties content to people."""

from base64 import b64encode, urlsafe_b64encode

import pytest
from sqlalchemy import inspect, select

from forum.authors.models import Author
from forum.circles.models import Membership
from forum.core.db import Base, db
from forum.policy.terms import MASKS, AuthorMode
from tests.routes import LAST, routes_of
from tests.world import EVENING

# The tables that may know a member; each of them is about that member and about nothing they said.
CAST = ("ray", "pru", "mo", "nan", "sol", "lee", None)
MAY_KNOW_MEMBERS = {"membership", "mail_plan", "suspension", "member"}
MAY_KNOW_MEMBERSHIPS = {"membership", "invitation", "turn", "closing_voice", "member"}


def foreign(target):
    return {
        table.name
        for table in db.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == target
    }


@pytest.mark.proof("M2")
def test_mask_schema(world):
    """Fails when a table of content gains a column that points at a member or a membership."""
    assert foreign("member") <= MAY_KNOW_MEMBERS
    assert foreign("membership") <= MAY_KNOW_MEMBERSHIPS
    about_people = MAY_KNOW_MEMBERS | MAY_KNOW_MEMBERSHIPS
    for table in db.metadata.sorted_tables:
        if table.name not in about_people:
            named = [column.name for column in table.c if "member" in column.name]
            assert not named, table.name


@pytest.mark.proof("M2")
def test_no_value_of_a_content_row_is_that_of_a_person(world):
    """Fails when an id of a member, or of a membership, is kept beside what they wrote or read."""
    for mode in AuthorMode:
        if mode is not AuthorMode.PSEUDONYM:
            world.reply("ray", "Said", mode)
    ray = world.client("ray")
    ray.get(world.thread)
    ray.answer(world.thread, body="Half a thought", do="thread_pseudonym")
    ray.submit(f"{world.thread}/acknowledge")
    with world.app.app_context():
        places = db.session.scalars(select(Membership)).all()
        people = {*world.ids.values()} - {world.ids[name] for name in ("rose", "oak", "thread")}
        people |= {place.id for place in places} | {place.mask_secret for place in places}
        told = {
            table.name
            for table in db.metadata.sorted_tables
            for row in db.session.execute(select(table))
            for value in row
            if value in people
        }
    assert told <= MAY_KNOW_MEMBERS | MAY_KNOW_MEMBERSHIPS


@pytest.mark.proof("M2")
def test_the_tables_are_those_of_the_models_on_this_engine(world):
    with world.app.app_context():
        there = set(inspect(db.engine).get_table_names())
    assert {table.name for table in Base.metadata.sorted_tables} <= there


@pytest.mark.proof("M6")
def test_no_keys_in_responses(world):
    """Fails when a page names a post, a draft or an author by what its holder's key gives."""
    for mode in MASKS:
        world.reply("ray", "From behind", mode)
    routes = [route for route in routes_of(world) if route[0] not in LAST and route[1] == "GET"]
    world.moment = EVENING
    with world.app.app_context():
        secrets = [row.holder_key for row in db.session.scalars(select(Author))]
        secrets += [row.mask_secret for row in db.session.scalars(select(Membership))]
    shapes = [shape for secret in secrets for shape in shapes_of(bytes(secret))]
    assert len(shapes) > 40

    for who in CAST:
        client = world.client(who)
        for name, _, url in routes:
            answer = client.get(url)
            said = str(answer.headers).encode() + answer.data
            assert not [shape for shape in shapes if shape in said], (who, name)


def shapes_of(secret):
    """A secret as it could stand somewhere, also the first eight bytes of it alone."""
    for part in (secret, secret[:8]):
        yield from (part, part.hex().encode(), part.hex().upper().encode())
        yield from (b64encode(part).rstrip(b"="), urlsafe_b64encode(part).rstrip(b"="))
