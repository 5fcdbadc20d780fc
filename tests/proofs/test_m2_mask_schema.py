"""M2. No row of what is written leads to a member, but by keys."""

from hashlib import blake2b, md5, sha1, sha256, sha512
from uuid import UUID

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, UniqueConstraint, Uuid, inspect, select

from forum.circles.models import Membership
from forum.core.db import db
from forum.policy.terms import MASKS
from tests.routes import parts_of

NAMES_MEMBERS = {
    "member",
    "membership",
    "mail_plan",
    "guardian",
}  # all that may, and each for its own reason
POINTS_AT = {  # an id of something that is no member
    "thread.author_id", "thread.revision", "thread.stirred",
    "reply.author_id", "reply.revision", "reply.thread_id",
    "quote.reply_id", "quote.post_id", "quote.author_id",
    "muted.thread_id", "muted.author_id", "acknowledgement.thread_id", "draft.thread_id",
    "read_mark.thread_id", "read_mark.stirred", "author.scope_id",
    "turn.author_id", "flag.post_id", "flag.author_id", "flag.about", "farewell.author_id",
    "hiding.author_id", "name_note.author_id", "circle.rules", "circle.revision", "log_entry.chain",
    "circle.pinned_thread_id",
}  # fmt: skip

MAY_REPEAT = {  # columns of 16 or 32 bytes whose values may stand in several rows, and why they may
    "circle.rules": "a random id of ground rules, one row a circle",
    "circle.revision": "a random id, drawn anew with each change, one row a circle",
    "circle.pinned_thread_id": "the thread shown first, one row a circle",
    "circle.turn": "the mark of one place on the rota, unique there; one row a circle",
    "log_entry.chain": "the circle whose log it is",
    "log_entry.digest": "covers the line before it, and so never repeats",
    "author.scope_id": "the circle, the thread or the row itself, where a name holds",
    "membership.name_digest": "unique among a circle's members; the row names its member openly",
    "flag.post_id": "the post that was flagged",
    "flag.about": "the revision of that post, or the flag's own id",
    "thread.stirred": "a random id, drawn anew with each change within",
    "thread.revision": "a random id, drawn anew with each change",
    "reply.revision": "a random id, drawn anew with each change",
    "quote.post_id": "the post that is quoted",
    "read_mark.reader": "derived anew for each member and thread: unique with its thread",
    "read_mark.stirred": "a keyed digest over a value sealed at random, which never repeats",
}


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


def repeating(metadata):
    """Columns of 16 or 32 bytes that could hold one value in several rows: neither keys nor unique,
    by themselves or in a circle, whose marks are keyed by secrets of that circle alone.

    Bytes of no stated length are sealed, and differ in each row.
    """
    return {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if is_mark(column.type)
        and not (column.primary_key or column.foreign_keys or is_unique(table, column))
    }


def is_mark(kind):
    return isinstance(kind, Uuid) or (isinstance(kind, LargeBinary) and kind.length in (16, 32))


def is_unique(table, column):
    """Whether a constraint, or an index without condition, keeps a column's values apart."""
    constraints = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    indexes = [each.columns for each in table.indexes if each.unique and not each.dialect_kwargs]
    alone = [column.name], ["circle_id", column.name]
    return any([one.name for one in columns] in alone for columns in constraints + indexes)


def test_no_mark_repeats_over_the_rows_of_a_table(figure):
    """Fails when sessions, or any table, get a column that says whose its rows are."""
    found = repeating(db.metadata)

    assert found == set(MAY_REPEAT)
    figure(f"{len(found)} columns of 16 or 32 bytes may repeat, each for a reason that is written")


@pytest.mark.parametrize(
    "name", ["session", "known_device", "account_event", "one_time_link", "learning_note"]
)
@pytest.mark.parametrize("kind", [LargeBinary(32), LargeBinary(16), Uuid()], ids=str)
def test_a_mark_that_is_put_back_is_found(name, kind):
    """The control: an owner's mark, as these tables once had it."""
    metadata = MetaData()
    for table in db.metadata.sorted_tables:
        table.to_metadata(metadata)
    metadata.tables[name].append_column(Column("owner", kind, index=True))
    Table("alone", metadata, Column("mark", kind, unique=True))

    assert repeating(metadata) - set(MAY_REPEAT) == {f"{name}.owner"}


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
