"""Rows of a circle can be spread by circle: over partitions, or over servers as Citus does.

A primary or unique key must then hold the column by which rows are spread, and a foreign key must
stay inside the circle.
"""

import pytest
from sqlalchemy import UniqueConstraint, func, literal_column, select, text
from sqlalchemy.exc import IntegrityError

from forum.core.db import Base, InCircle, db
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode
from tests import engine
from tests.rows import of_circles


def test_every_table_with_a_circle_is_of_rows_of_a_circle():
    mappers = Base.registry.mappers
    mapped = {each.local_table for each in mappers if issubclass(each.class_, InCircle)}

    assert mapped == {*of_circles()}
    assert len(mapped) > 20


@pytest.mark.parametrize("table", of_circles(), ids=str)
def test_keys_begin_with_the_circle(table):
    """Fails when a key of a circle's rows is unique by itself: no partition could hold it."""
    unique = [[*each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [[*each.columns] for each in table.indexes if each.unique]

    assert [each.name for each in table.primary_key] == ["circle_id", "id"]
    assert [each[0].name for each in unique] == ["circle_id"] * len(unique)


@pytest.mark.parametrize("table", of_circles(), ids=str)
def test_foreign_keys_stay_inside_the_circle(table):
    """Fails when a row can refer to one of another circle."""
    for each in table.foreign_key_constraints:
        pairs = {(one.parent.name, one.column.name) for one in each.elements}
        inside = each.referred_table in of_circles()
        assert not inside or ("circle_id", "circle_id") in pairs, each.name


def test_no_row_refers_to_another_circle(world):
    """The database itself refuses a reply in one circle to a thread of another."""
    reply_id = world.reply("ray", "Mine", AuthorMode.OWN_NAME)
    elsewhere = world.present("nan", "Next door", "Of another circle", circle="oak")

    with world.app.app_context():
        moved = text("UPDATE reply SET thread_id = :there WHERE id = :reply")
        with pytest.raises(IntegrityError):
            db.session.execute(moved, {"there": elsewhere.hex, "reply": reply_id.hex})


def test_one_id_may_stand_in_two_circles(world):
    """An id is looked up with its circle: the same id elsewhere is another row."""
    told = world.present("ray", "Ours", "Here")
    with world.app.app_context():
        here, there = world.ids["rose"], world.ids["oak"]
        assert db.session.get(Thread, (here, told)).title == "Ours"
        assert db.session.get(Thread, (there, told)) is None
        assert db.session.get(Reply, (here, told)) is None


@pytest.mark.skipif(not engine.PARTITIONS, reason="not run: TEST_PARTITIONS spreads the tables")
@pytest.mark.parametrize("table", of_circles(), ids=str)
def test_rows_of_a_circle_lie_in_one_partition(world, table):
    """The control of a run on partitions: the tables are in parts, and a circle in one of them."""
    where = select(func.count(literal_column("tableoid").distinct()))

    with world.app.app_context():
        parts = db.session.scalar(
            text("SELECT count(*) FROM pg_inherits WHERE inhparent = CAST(:name AS regclass)"),
            {"name": table.name},
        )
        counts = db.session.scalars(where.select_from(table).group_by(table.c.circle_id)).all()

    assert parts == engine.PARTITIONS
    assert set(counts) <= {1}
