"""M2. No row of what is written leads to a member, but by keys."""

from hashlib import blake2b, md5, sha1, sha256, sha512
from uuid import UUID

from sqlalchemy import Uuid, inspect, select

from forum.circles.models import Membership
from forum.core.db import db
from forum.policy.terms import MASKS
from tests.routes import parts_of

NAMES_MEMBERS = {"member", "membership", "mail_plan"}  # all that may, and each for its own reason
POINTS_AT = {  # an id of something that is no member
    "thread.author_id", "thread.revision", "thread.stirred",
    "reply.author_id", "reply.revision", "reply.thread_id",
    "quote.reply_id", "quote.post_id", "quote.author_id",
    "muted.thread_id", "muted.author_id", "acknowledgement.thread_id", "draft.thread_id",
    "read_mark.thread_id", "read_mark.stirred", "author.scope_id",
    "turn.author_id", "flag.post_id", "flag.author_id", "flag.about", "farewell.author_id",
    "hiding.author_id", "circle.rules", "circle.revision", "log_entry.chain",
}  # fmt: skip


def tables():
    return {table.name: table for table in db.metadata.sorted_tables}


def leads_to(table):
    """The tables that can be reached from one by following its references."""
    found, next_ones = set(), {table}
    while next_ones:
        found |= next_ones
        keys = [key for one in next_ones for key in tables()[one].foreign_keys]
        next_ones = {key.column.table.name for key in keys} - found
    return found


def test_mask_schema(world):
    """Fails when a draft gets a reference to a member, or one more id that is declared nowhere."""
    others = set(tables()) - NAMES_MEMBERS
    ids = {
        f"{name}.{column.name}"
        for name in others
        for column in tables()[name].columns
        if isinstance(column.type, Uuid) and column.name not in {"id", "circle_id"}
    }

    assert {name for name in others if leads_to(name) & NAMES_MEMBERS} == set()
    assert ids == POINTS_AT
    with world.app.app_context():
        assert set(inspect(db.engine).get_table_names()) == set(tables())


def test_no_row_of_content_holds_the_id_of_a_member(world, figure):
    """Fails when a draft's mark is a member's id without saying so, or a hash of one."""
    for mode in MASKS:
        world.reply("ray", "From behind", mode)
    parts_of(world)  # somebody writes, drafts, flags and leaves
    with world.app.app_context():
        people = {*world.ids.values()} - {world.ids[each] for each in ("rose", "oak", "thread")}
        places = {place.id for place in db.session.scalars(select(Membership))}
        rows = {
            name: [row for row in db.session.execute(select(table))]
            for name, table in tables().items()
            if name not in NAMES_MEMBERS
        }

    known = [spelling for one in people | places for spelling in spellings(one)]
    found = [
        name
        for name, kept in rows.items()
        for row in kept
        for value in row
        for each in known
        if holds(value, each)
    ]
    assert found == []
    figure(f"{sum(map(len, rows.values()))} rows of {len(rows)} tables name none of {len(people)}")


def spellings(one):
    """An id as it is written, and as anyone who knows it could hash it: no key is in these."""
    yield from (plain := (one.bytes, one.hex, str(one)))
    for each in plain:
        for kind in (md5, sha1, sha256, sha512, blake2b):
            hashed = kind(each if isinstance(each, bytes) else each.encode())
            yield from (hashed.digest()[:16], hashed.hexdigest()[:16])


def holds(value, spelling):
    if isinstance(value, UUID):
        value = value.bytes if isinstance(spelling, bytes) else str(value)
    return isinstance(value, type(spelling)) and spelling in value
