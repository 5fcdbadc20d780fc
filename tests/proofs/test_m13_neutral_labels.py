"""M13. What other programs keep of us, letters and files, is called after nobody."""

import pytest

from forum.policy.terms import AuthorMode
from tests.notifications.post import ring
from tests.postoffice import PostOffice
from tests.routes import routes_of
from tests.world import MORNING


@pytest.mark.proof("M13")
def test_neutral_labels(world):
    """Fails when a subject names a circle, or a file whoever wrote what is in it."""
    world.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    routes = routes_of(world)
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        mo = world.client("mo")
        invite = f"/circles/{world.ids['rose']}/invite"
        mo.submit(invite, by="mail", addresses="new@example.org", words="Come to Rose")
        client = world.client()
        client.post(
            "/password/forgotten",
            data=client.tokens("/password/forgotten") | {"email": "ray@example.org"},
        )
        world.reply("fay", "New")
        world.moment = MORNING.replace(day=3, hour=7, minute=15)
        ring(world)
        told = "\n".join(
            f"{name}: {value}" for letter in office.letters for name, value in letter.items()
        )
        assert len(office.letters) >= 3

    files = [
        answer.headers["Content-Disposition"]
        for name, method, url in routes
        if method == "GET"
        for answer in [world.client("ray").get(url)]
        if "Content-Disposition" in answer.headers and name != "static"
    ]
    export = world.client("ray").submit("/account/words")
    files.append(export.headers["Content-Disposition"])
    assert sorted(files) == [
        "attachment; filename=protected-time.ics",
        "attachment; filename=words.zip",
    ]
    for word in ("Rose", "Torn", "Dr Ray", "Dr Mo", "Dr Fay", str(world.ids["rose"])):
        assert word not in told
