"""Responses of /healthz, healthy and damaged."""

import pytest

from forum.core.db import db


def test_a_healthy_server_answers_without_a_cookie(world):
    answer = world.client().get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.mimetype == "text/plain"
    assert "Set-Cookie" not in answer.headers


def without_tables(world):
    with world.app.app_context():
        db.drop_all()


def without_circle_keys(world):
    (world.folder / "instance" / "circle-keys.db").write_bytes(b"no database " * 1000)


def without_a_place_for_the_index(world):
    world.app.config["SEARCH_INDEX"].write_text("a file stands in its way")


@pytest.mark.parametrize(
    "damage", [without_tables, without_circle_keys, without_a_place_for_the_index]
)
def test_a_damaged_server_answers_503_without_details(world, damage, caplog):
    with world.app.app_context():
        db.engine.dispose()
    damage(world)

    answer = world.client().get("/healthz")

    assert (answer.status_code, answer.text) == (503, "not ok")
    assert [line.startswith("healthz: failed with ") for line in caplog.messages] == [True]
