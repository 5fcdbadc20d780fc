"""Pages opened before a new sign-in, and browsers without cookies, are told why a form failed."""

import pytest

from tests.accounts.people import hidden, is_in, sign_in
from tests.page import Page
from tests.world import PASSWORD

TYPED = "A kestrel over the road"
NO_COOKIES = "Your browser keeps no cookies from here; signing in needs one."


@pytest.mark.parametrize("who", ["ray", "fay"])
def test_an_old_tab_says_that_somebody_signed_in_since(world, who):
    client = world.client()
    sign_in(client, "ray")
    composer = client.get(f"{world.thread}/answer").location
    tab = hidden(client.get(composer))
    sign_in(client, who, at=client.get("/account/password"))
    sent = {"do": "save", "body": TYPED}
    page = client.post(composer, data=tab | sent)

    assert page.status_code == 422
    assert f"now signed in as Dr {who.title()}." in Page(page).text
    assert Page(page).field("body").value == TYPED
    assert client.post(composer, data=hidden(page) | sent).status_code == 303


def test_a_press_in_an_old_tab_explains_itself(world):
    client = world.client()
    sign_in(client, "ray")
    tab = hidden(client.get("/account"))
    sign_in(client, "ray", at=client.get("/account/password"))
    page = client.post("/account/sessions/end-others", data=tab)

    assert page.status_code == 400
    assert "You have signed in or out since that page was opened" in page.text
    assert is_in(client)


def test_blocked_cookies_are_named(world):
    sent = hidden(world.client().get("/sign-in")) | {"email": "ray@example.org"}
    for _ in range(2):
        page = world.client().post("/sign-in", data=sent | {"password": PASSWORD})
        assert page.status_code == 422
        assert NO_COOKIES in page.text
        sent |= hidden(page)

    kept = world.client()
    assert NO_COOKIES not in sign_in(kept, "ray", "not mine at all").text
    stale = kept.post("/sign-in", data=sent | {"csrf_token": "old"})
    assert "open too long to be sent safely" in stale.text


def test_a_press_without_cookies_names_them_too(world):
    page = world.client().post("/language", data={"language": "en-GB"})

    assert page.status_code == 400
    assert NO_COOKIES in page.text
