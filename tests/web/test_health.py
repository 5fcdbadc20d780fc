"""What /healthz says, and to whom."""

import pytest

from forum.core.db import db


def test_a_working_server_says_ok_without_setting_a_cookie(world):
    answer = world.client().get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.mimetype == "text/plain"
    assert "Set-Cookie" not in answer.headers


def without_tables(world):
    (world.folder / "instance" / "forum.db").write_bytes(b"")
    for left in (world.folder / "instance").glob("forum.db-*"):
        left.unlink()


def without_circle_keys(world):
    (world.folder / "instance" / "circle-keys.db").write_bytes(b"no database " * 1000)


def without_a_place_for_the_index(world):
    world.app.config["SEARCH_INDEX"].write_text("a file stands in its way")


@pytest.mark.parametrize(
    "damage", [without_tables, without_circle_keys, without_a_place_for_the_index]
)
def test_a_server_that_misses_something_says_so_and_no_more(world, damage, caplog):
    with world.app.app_context():
        db.engine.dispose()
    damage(world)

    answer = world.client().get("/healthz")

    assert (answer.status_code, answer.text) == (503, "not ok")
    assert [line.startswith("healthz: failed with ") for line in caplog.messages] == [True]
