"""A3. Whoever was removed is outside at the next request: pages, searches, copies, letters."""

import pytest

from forum.circles.services import leave
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
from tests.copies import opened
from tests.notifications.post import arrived, make_ready, ring
from tests.postoffice import PostOffice
from tests.routes import knock, parts_of, routes_of
from tests.world import MORNING

TITLE = "Torn between two"


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "left"])
def test_revocation_immediate(world, removed, figure):
    """Fails when a session or a sealed search remembers what its owner belonged to, when a copy
    holds more of it than they wrote, and when a letter that was made ready before is sent without
    looking again."""
    world.reply("ivy", "From behind", AuthorMode.THREAD_PSEUDONYM)
    parts = parts_of(world)
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        world.present("fay", "More", "Told")
        world.moment = MORNING.replace(day=3, hour=8)
        make_ready(world)
        client = world.client("ivy")
        found = client.submit("/search", words="torn").location
        composer = client.get(f"{world.thread}/answer").location
        assert TITLE in client.get("/").text
        assert "Torn" in client.get(found).text

        with world.app.app_context(), unit_of_work():
            leave(world.ids["ivy"], world.ids["rose"], removed=removed)

        here = [
            (endpoint, knock(client, method, url))
            for endpoint, method, url in routes_of(world, parts, "ivy")
            if str(world.ids["rose"]) in url
        ]
        posted = client.post(composer, data=client.tokens("/account") | {"body": "x", "do": "save"})
        pages = [client.get(url).text for url in ("/", found, "/saved", "/drafts", "/next")]
        kept = [*opened(client.submit("/account/words").data).values()]
        ring(world)
        told = arrived(world, office)

    answering = {endpoint: answer for endpoint, answer in here if answer.status_code != 404}
    again = {} if removed else {"offboarding.go": "/account"}  # leaving, pressed twice
    assert {endpoint: answer.location for endpoint, answer in answering.items()} == again
    assert posted.status_code == 404
    assert not [page for page in pages if "Torn" in page or "From behind" in page]
    assert not [page for page in kept if "Torn" in page or "Told" in page]  # own words alone
    assert all("From behind" in page for page in kept)  # until the days of grace are over
    assert "mo" in told
    assert "ivy" not in told
    figure(f"{len(here)} doors shut")
