"""Log entries of bugs."""

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from forum.core.db import db

SECRET = "ray@example.org told a story"


def broken(world):
    """Page with an unexpected failure."""

    def fail(secret):
        raise KeyError(SECRET)

    fail.meant_for = world.app.view_functions["healthz"].meant_for
    world.app.add_url_rule("/broken/<secret>", "broken", fail)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False


@pytest.mark.proof("M5")
def test_logs_canary(world, caplog):
    """Fails when the log repeats an error's message, or the URL of its page."""
    broken(world)

    answer = world.client().get("/broken/a-link-that-works-once")

    assert answer.status_code == 500
    [line] = caplog.messages
    assert line.startswith("GET broken failed with KeyError at test_logs.py:")
    assert "once" not in caplog.text
    assert SECRET not in caplog.text + answer.text


@pytest.mark.proof("M5")
def test_a_failed_statement_hides_its_parameters(world, caplog):
    """Fails when the engine is made without `hide_parameters`."""
    caplog.set_level(logging.DEBUG, logger="sqlalchemy.engine")
    with world.app.app_context():
        db.engine.echo = True
        with pytest.raises(DatabaseError) as failure:
            db.session.execute(text("SELECT :word FROM nowhere"), {"word": SECRET})

    assert "nowhere" in str(failure.value)
    assert "nowhere" in caplog.text
    assert SECRET not in str(failure.value) + caplog.text
