"""Statistics by which SQLite's planner chooses: alike for every forum, and in each."""

from flask_migrate import upgrade
from sqlalchemy import text

from config import TestConfig
from forum import create_app
from forum.core import planner_statistics
from forum.core.db import db
from tests.engine import of_sqlite

pytestmark = of_sqlite


def statistics():
    """Index -> statistics, as they stand in the database."""
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT idx, stat FROM sqlite_stat1")).all()
    return {row.idx: row.stat for row in rows}


def test_statistics_tell_nothing_of_the_rows(world):
    """Fails when they are counted from the data."""
    with world.app.app_context():
        before = statistics()
    for number in range(3):
        world.present("ray", f"Story {number}", "Told")
    with world.app.app_context():
        with db.engine.begin() as connection:
            planner_statistics.write(connection)

        assert statistics() == before
        assert before["reply"] == "100000 1000 1"
        assert before["one_current_membership"] == "1200 12 1"
        assert before["ix_read_mark_reader"] == "100000 10"


def test_an_upgrade_writes_them(world, tmp_path):
    """Fails when an instance that was upgraded reads its pages otherwise than a tested one."""
    with world.app.app_context():
        known = statistics()
    app = create_app(TestConfig(tmp_path / "other" / "instance"))
    with app.app_context():
        upgrade()

        assert {*statistics().values()} == {*known.values()}
        assert len(statistics()) == len(known) > 50
