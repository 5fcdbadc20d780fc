"""What the log says of a bug."""

import pytest

SECRET = "ray@example.org told a story"


def broken(world):
    """A page of which nobody knew that it fails."""

    def fail(secret):
        raise KeyError(SECRET)

    fail.meant_for = world.app.view_functions["healthz"].meant_for
    world.app.add_url_rule("/broken/<secret>", "broken", fail)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False


@pytest.mark.proof("M5")
def test_logs_canary(world, caplog):
    broken(world)

    answer = world.client().get("/broken/a-link-that-works-once")

    assert answer.status_code == 500
    [line] = caplog.messages
    assert line.startswith("GET broken failed with KeyError at test_logs.py:")
    assert "once" not in caplog.text
    assert SECRET not in caplog.text + answer.text
