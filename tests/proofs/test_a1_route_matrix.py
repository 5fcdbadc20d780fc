"""A1. Every route, tried as everyone: a route that no room declares fails here."""

import pytest

from tests.doors import MET, Door
from tests.routes import DOORS, knock, met

CAST = ("ray", "pru", "mo", "nan", "sol", "lee", None)
ELSEWHERE = {Door.LINK, Door.NOBODY}  # nobody of the cast comes in: tried where such a link is made


@pytest.mark.proof("A6")
def test_url_coverage(world):
    """Fails when a view is added to no room's doors."""
    assert {rule.endpoint for rule in world.app.url_map.iter_rules()} == set(DOORS)


@pytest.mark.parametrize("who", CAST)
def test_route_matrix(world, routes, who, figure):
    """Fails when a view of a circle, such as its people page, lacks `in_circle` or `enter`."""
    wrong = []
    for endpoint, method, url in routes:
        if endpoint == "accounts.sign_out":
            continue  # it opens for all who are signed in, and then they are not
        if endpoint == "circles.step_down":
            continue  # a moderator who went through it is none at the next door
        found, meant = met(knock(world.client(who), method, url)), MET[DOORS[endpoint]][who]
        if found != meant:
            wrong.append(f"{method} {endpoint}: {found}, not {meant}")

    assert not wrong
    figure(f"{len(routes)} doors as {len(CAST)} people")


def test_a_view_that_forgets_to_say_whom_it_is_for_opens_to_no_stranger(world):
    """Fails when access asks for a sign-in only where a view says so."""
    world.app.add_url_rule("/forgotten", "forgotten", lambda: "something")

    assert met(world.client().get("/forgotten")) == "sign in"
    assert met(world.client("lee").get("/forgotten")) == "nothing"


def test_an_unknown_page_sends_strangers_to_sign_in_like_a_known_one(world):
    """Fails when access lets an address through that has no view."""
    client = world.client()

    sent = [client.get(url) for url in ("/no/such/page", "/account", world.thread)]

    assert {(each.status_code, len(each.data), len(each.location)) for each in sent} == {
        (303, len(sent[0].data), len(sent[0].location))
    }
    assert all(each.location.startswith("/sign-in?next=") for each in sent)
