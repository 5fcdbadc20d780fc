"""Changing keys, against a world in which every column of bytes holds something.

The values are read past all models, so that what a model forgets is seen; and every page is
compared, so that whatever hangs on a key that nobody thought of is seen too.
"""

import os
import sqlite3
from difflib import unified_diff
from shutil import rmtree

import pytest
from sqlalchemy import LargeBinary

from forum.core import tokens
from forum.core.db import Base, db
from forum.core.sealing import sealed_columns
from forum.notifications.update_email import PLACE
from forum.operations import rotation
from tests.accounts.people import hidden
from tests.killing import killed
from tests.operations.lived_in import (
    as_people_see_it,
    check,
    copy_of,
    empty_columns,
    lived_in,
    pages_of,
)
from tests.world import PASSWORD

pytestmark = pytest.mark.leaks
STRIDE = 1 if os.environ.get("PROOF") else 61  # of 300 steps; `make proof` tries each

# What each column of bytes is that is not sealed. A new one belongs in one of these three.
FOUND_ANEW = {"member.address_digest", "membership.name_digest", "author.name_digest"}
BY_HAND = {  # under the root that made them, which stays
    *("author.holder_key", "circle.turn", "turn.mark", "closing_voice.mark", "flag.mark"),
    *("acknowledgement.mark", "draft.mark", "read_mark.reader", "known_device.token_digest"),
}
WITHOUT_KEY = {
    *("invitation.digest", "log_entry.digest", "one_time_link.digest", "session.token_digest")
}
MOVED = {"session", "known_device", "account_event"}  # to other ids, whose digests stay


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    return lived_in(tmp_path_factory.mktemp("lived"))


@pytest.fixture
def world(lived, tmp_path):
    """A copy of that world, whose files are its own."""
    return copy_of(lived, tmp_path / "copy")


def rotate(world):
    with world.app.app_context():
        return rotation.rotate(lambda *_: None)


def begin_again(world):
    """Start web and worker anew; every browser has to sign in again."""
    world.restart()
    world.cookies.clear()


def blobs(world):
    """Every value of bytes in the database: ("table.column", id) -> value."""
    rows = sqlite3.connect(world.folder / "instance" / "forum.db")
    rows.row_factory = sqlite3.Row
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
    found = {
        (f"{table}.{name}", row["id"]): row[name]
        for (table,) in rows.execute(asked).fetchall()
        for row in rows.execute(f"SELECT * FROM {table}")
        for name in row.keys()  # noqa: SIM118  # a Row iterates over its values
        if isinstance(row[name], bytes)
    }
    rows.close()
    return found


def test_every_column_of_bytes_is_accounted_for_and_holds_something_here(world):
    """Fails for a new column that nobody has thought of, or that this world leaves empty."""
    known = {
        f"{each.class_.__tablename__}.{sealed.column}"
        for each in Base.registry.mappers
        for sealed in sealed_columns(each.class_).values()
    }
    there = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }

    assert there - known == FOUND_ANEW | BY_HAND | WITHOUT_KEY
    with world.app.app_context():
        assert empty_columns() == []


def test_no_value_that_should_be_new_stays_as_it_was(world):
    before = blobs(world)

    rotate(world)

    after = blobs(world)
    stayed = {name for (name, row), value in before.items() if after.get((name, row)) == value}
    should = BY_HAND | WITHOUT_KEY | {"log_entry.said"}
    assert stayed == {name for name in should if name.partition(".")[0] not in MOVED}
    for name in ("session.token_digest", "known_device.token_digest"):
        assert values_of(name, before) == values_of(name, after) != set()


def values_of(column, found):
    return {value for (name, _), value in found.items() if name == column}


def test_every_page_is_as_it_was(world):
    """Under the addresses of before: ids that were hidden, and links of letters, still open."""
    urls = [url for url in pages_of(world) if not url.startswith("/account")]  # it tells sessions
    assert len(urls) > 40
    with world.app.app_context():
        stop = tokens.hidden_id(world.ids["ray"], PLACE)
    as_people_see_it(world, urls)  # all is read by then
    before = as_people_see_it(world, urls)

    rotate(world)
    begin_again(world)

    after = as_people_see_it(world, urls)
    changed = [line for key in before for line in unified_diff(before[key], after[key], n=0)]
    assert not "\n".join(changed)
    assert world.client().get(f"/letters/stop/{stop}").status_code == 200
    check(world)


def test_words_that_waited_for_signing_in_wait_over_a_change_of_keys(world):
    """Fails where what says whose they are is made by the newest root alone."""
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Typed before the keys were changed", "do": "own_name"}
    with world.app.app_context():
        db.session.execute(db.text("DELETE FROM session"))
        db.session.commit()
    asked = ray.post(composer, data=sent)
    assert "Typed before the keys were changed" in asked.text

    rotate(world)
    begin_again(world)

    browser = world.client()
    page = browser.get("/sign-in")
    kept = hidden(asked) | {"csrf_token": hidden(page)["csrf_token"]}
    typed = {"email": "ray@example.org", "password": PASSWORD}
    led_on = browser.post("/sign-in", data=kept | typed | {"device": "shared"})
    assert "Typed before the keys were changed" in led_on.text


def test_killed_between_any_two_steps_of_database_key_store_or_files(lived, tmp_path):
    """Fails where a step cannot be taken twice, or leaves what only its end would mend."""
    came_so_far = True
    for step in range(1, 3000, STRIDE):
        world = copy_of(lived, tmp_path / str(step))
        came_so_far = killed(world, lambda here=world: rotate(here), step, anywhere=True)
        world.restart()
        if not came_so_far:
            break
        rotate(world)
        begin_again(world)
        check(world, people=("ray",))
        rmtree(world.folder)
    assert not came_so_far, "there are more steps than were tried"
    print(f"killed at {len(range(1, step, STRIDE))} of {step} steps")
