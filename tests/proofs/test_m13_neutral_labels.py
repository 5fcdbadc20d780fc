"""M13. What other programs keep of us names nobody: heads of letters, files that are saved."""

import pytest

from tests.circles import ways
from tests.notifications.post import ring
from tests.postoffice import PostOffice
from tests.routes import parts_of, routes_of
from tests.world import MORNING

pytestmark = pytest.mark.leaks

NAMES = ("Rose", "Torn", "Dr ", "Heron", "Calm", "Moor", "Behind")


def test_neutral_labels(world):
    """Fails when a letter's subject names the circle, or a copy is called after its owner."""
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        ways.mailed(world, "una@example.org", words="From Rose")
        world.present("fay", "Behind", "Told")
        world.moment = MORNING.replace(day=3, hour=7, minute=20)
        ring(world)
        world.client().submit("/forgotten", email="ray@example.org")
        ring(world)

    assert len({str(each["Subject"]) for each in office.letters}) >= 2
    for letter in office.letters:
        heads = [(name, value) for name, value in letter.items() if name != "To"]
        assert not [one for one in heads for name in NAMES if name in one[1]], heads


def test_files_that_are_saved_are_called_after_nobody(world):
    """Fails when a file that is sent is named for whoever asked for it, or for what is in it."""
    client, parts = world.client("ray"), parts_of(world)
    client.get("/")
    answers = [client.submit("/account/words")]
    answers += [client.get(url) for _, method, url in routes_of(world, parts) if method == "GET"]

    sent = [
        each.headers["Content-Disposition"]
        for each in answers
        if "Content-Disposition" in each.headers
    ]
    saved = {one for one in sent if one.startswith("attachment")}
    assert saved
    assert not [one for one in saved for name in (*NAMES, "ray", "Ray") if name in one]
