"""M14 for whoever watches the service: /metrics, /readyz, `check` and the log of twin worlds."""

import os
from datetime import timedelta

import pytest
from flask_migrate import stamp

from forum import worker
from forum.core import last_runs
from forum.web.page_counts import Counts
from tests.proofs.test_m14_twin_worlds import ACTS, act, begun

pytestmark = pytest.mark.leaks
FULL = bool(os.environ.get("PROOF"))
SOME = ("a reply", "Reflection", "a withdrawal", "thanks")  # make proof takes all


def watched(world, caplog):
    """All that a watcher is told, before the slot and, past midnight, once more."""
    told = []
    world.app.extensions["page_counts"] = Counts(timer=lambda: 0.0)
    with world.app.app_context():
        stamp()
        last_runs.note_run()
    for hours in (0, 0, 24):
        world.moment += timedelta(hours=hours)
        if hours:  # the next day's numbers, when the slot has passed
            with world.app.app_context():
                worker.run_due_jobs()
        for who in ("mo", "ivy"):
            world.client(who).get("/")
            world.client(who).get(world.thread)
        pages = [world.client().get(page).text for page in ("/metrics", "/readyz")]
        checked = world.app.test_cli_runner().invoke(args=["forum", "check"]).output
        log = [f"{each.name} {each.getMessage()}" for each in caplog.records]
        told.append(pages if hours else [*pages, checked, *log])
    return told


@pytest.fixture
def quiet(tmp_path_factory, caplog):
    world, _ = begun(tmp_path_factory.mktemp("quiet"))
    caplog.clear()
    told = watched(world, caplog)
    caplog.clear()
    return told


@pytest.mark.parametrize("name", ACTS if FULL else SOME)
def test_nothing_that_is_watched_tells_of_a_hidden_act(tmp_path, caplog, quiet, name):
    """Fails when a number, an age or a line moves with what waits for its slot."""
    world, _ = begun(tmp_path)
    act(world, name)
    caplog.clear()

    assert watched(world, caplog) == quiet
