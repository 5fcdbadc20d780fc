"""Key rotation in a world with a value in every byte column.

Values are read past the models, so a column forgotten by a model is noticed; all pages are
compared, so a forgotten key dependency is noticed too.
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
from tests.engine import of_sqlite
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

pytestmark = [of_sqlite, pytest.mark.leaks]
STRIDE = 1 if os.environ.get("PROOF") else 61  # of 300 steps; `make proof` tries each

# Byte columns without seals, by how they rotate; a new column belongs in one of the three.
FOUND_ANEW = {"member.address_digest", "membership.name_digest", "author.name_digest"}
BY_HAND = {  # under the root of their time, which stays
    *("author.holder_key", "circle.turn", "turn.mark", "closing_voice.mark", "flag.mark"),
    *("acknowledgement.mark", "draft.mark", "read_mark.reader", "known_device.token_digest"),
    "passkey.credential_digest",
}
WITHOUT_KEY = {
    *(
        "applicant.digest",
        "group_link.digest",
        "invitation.digest",
        "log_entry.digest",
        "one_time_link.digest",
        "session.token_digest",
    )
}
SEALED_BY_HAND = {"learning_note.content"}  # under keys of the account's secret
MOVED = {  # to new ids
    *("session", "known_device", "account_event", "passkey", "account_recovery", "learning_note")
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    return lived_in(tmp_path_factory.mktemp("lived"))


@pytest.fixture
def world(lived, tmp_path):
    """A copy of the lived-in world with its own files."""
    return copy_of(lived, tmp_path / "copy")


def rotate(world):
    with world.app.app_context():
        return rotation.rotate(lambda *_: None)


def begin_again(world):
    """Restart web and worker; all browsers sign in again."""
    world.restart()
    world.cookies.clear()


def blobs(world):
    """Every byte value in the database: ("table.column", id) -> value."""
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


def test_every_byte_column_is_accounted_for(world):
    """Fails for a column missing from the lists, or empty in this world."""
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

    assert there - known == FOUND_ANEW | BY_HAND | WITHOUT_KEY | SEALED_BY_HAND
    with world.app.app_context():
        assert empty_columns() == []


def test_every_rotated_value_changes(world):
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


def test_every_page_survives_rotation(world):
    """Earlier addresses with hidden ids, and links in emails, still open."""
    urls = [url for url in pages_of(world) if not url.startswith("/account")]  # it lists sessions
    assert len(urls) > 40
    with world.app.app_context():
        stop = tokens.hidden_id(world.ids["ray"], PLACE)
    as_people_see_it(world, urls)  # everything read
    before = as_people_see_it(world, urls)

    rotate(world)
    begin_again(world)

    after = as_people_see_it(world, urls)
    changed = [(key, line) for key in before for line in unified_diff(before[key], after[key], n=0)]
    assert not changed
    assert world.client().get(f"/letters/stop/{stop}").status_code == 200
    check(world)


def test_text_carried_over_sign_in_survives_rotation(world):
    """Fails when the owner's mark is computed from the newest root alone."""
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


def test_rotation_resumes_after_a_kill(lived, tmp_path):
    """Fails when a step is not idempotent."""
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
