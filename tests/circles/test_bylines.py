"""Copying of a changed name from a membership to its author row."""

from threading import Thread

import pytest
from sqlalchemy import event, select

from forum import worker
from forum.authors.models import Author
from forum.circles import member_names
from forum.circles.models import Membership
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.policy.terms import AuthorMode
from tests.circles import ways


def rename(world, name):
    with world.app.app_context(), unit_of_work():
        member_names.rename(world.ids["ray"], name)


def bylines(world):
    """Own names in Rose as shown on posts, and their sealed columns by id."""
    with world.app.app_context():
        rows = db.session.scalars(select(Author).filter_by(mode=AuthorMode.OWN_NAME)).all()
        here = [each for each in rows if each.circle_id == world.ids["rose"]]
        return {each.name for each in here}, {each.id: each._name for each in here}


def pending(world):
    with world.app.app_context():
        return len(db.session.scalars(select(Membership).where(Membership.name_pending)).all())


def test_the_worker_completes_pending_names(world):
    rename(world, "Dr Rayner")
    assert "Dr Ray" in bylines(world)[0]
    assert pending(world) == 1

    with world.app.app_context():
        assert worker.run_due_jobs()["bylines.written"] == 1
        assert "bylines.written" not in worker.run_due_jobs()

    names, _ = bylines(world)
    assert "Dr Rayner" in names
    assert "Dr Ray" not in names
    assert pending(world) == 0


def test_a_crash_between_both_writes_is_repaired(world):
    rename(world, "Dr Rayner")
    with world.app.app_context():
        with failing_update_of(db.engine, "membership"), pytest.raises(OSError, match="power"):
            member_names.write_bylines()
        assert pending(world) == 1

        member_names.write_bylines()

    assert "Dr Rayner" in bylines(world)[0]
    assert pending(world) == 0


class failing_update_of:  # reads as a verb
    def __init__(self, engine, table):
        self._engine, self._begins = engine, f"UPDATE {table} "

    def __enter__(self):
        event.listen(self._engine, "before_cursor_execute", self._fail)

    def __exit__(self, *_error):
        event.remove(self._engine, "before_cursor_execute", self._fail)

    def _fail(self, _connection, _cursor, statement, *_rest):
        if statement.startswith(self._begins):
            raise OSError("the power went")


def test_a_name_changed_again_stays_pending(world):
    """Fails when the mark is cleared without comparing the membership's current name."""
    rename(world, "Dr Rayner")
    elsewhere = [Thread(target=rename, args=(world, "Dr Raymond"))]

    def change_again(_session):
        if elsewhere:
            other = elsewhere.pop()
            other.start()
            other.join()

    with world.app.app_context():
        event.listen(db.session, "after_commit", change_again)  # the first: of the author row
        member_names.write_bylines()
        event.remove(db.session, "after_commit", change_again)
    assert pending(world) == 1

    with world.app.app_context():
        member_names.write_bylines()

    assert "Dr Raymond" in bylines(world)[0]
    assert pending(world) == 0


@pytest.mark.leaks
def test_two_copies_hide_whose_name_changed(world):
    """Fails when only the changed author row is sealed again."""
    _, before = bylines(world)
    with world.app.app_context():
        with unit_of_work():
            leave(world.ids["ray"], world.ids["rose"])
        member_names.write_bylines()

    names, after = bylines(world)

    assert "a former member" in names
    assert all(before[each] != after[each] for each in before)
    assert len({len(sealed) for sealed in after.values()}) == 1


def test_a_failing_byline_fails_no_page(world, caplog):
    ray = world.client("ray")
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    tokens = ray.tokens("/account/name")
    with world.app.app_context():
        engine = db.engine
    with failing_update_of(engine, "author"):
        answer = ray.post("/account/name", data=tokens | {"name": "Dr Rayner"})

    assert answer.status_code == 303
    assert caplog.messages == ["bylines: failed with OSError"]
    with world.app.app_context():
        worker.run_due_jobs()
    assert "Dr Rayner" in bylines(world)[0]


def test_whoever_is_renamed_still_vouches_for_whom_they_invited(world):
    """Fails when a changed name ends the invitations made under the old."""
    link = ways.link(world)
    with world.app.app_context(), unit_of_work():
        member_names.rename(world.ids["mo"], "Dr Moorhouse")

    opened = world.client().get(link)

    assert opened.status_code == 200
