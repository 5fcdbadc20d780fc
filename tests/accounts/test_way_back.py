"""A link opened without a session leads to its page after sign-in."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.core import tokens
from forum.web import resubmission
from forum.web.resubmission import ADDRESS_MAX, WAY_BACK
from tests.accounts.people import is_in, sign_in
from tests.accounts.test_own_account import ELSEWHERE, change_address, goes_in, submit
from tests.accounts.test_reset import LINK, deliver
from tests.postoffice import PostOffice
from tests.world import PASSWORD

ABSENT = "/circles/00000000-0000-4000-8000-000000000000/"


def asked(world, url):
    """Response to a visitor without a session, and their browser."""
    client = world.client()
    return client, client.get(url)


def sealed(world, target):
    with world.app.app_context():
        return tokens.sealed(target, WAY_BACK)


@pytest.mark.parametrize("page", ["thread", "/account/mail", "/search?q=a+kestrel&year=2025", "é"])
def test_sign_in_leads_to_the_page_asked_for(world, page):
    url = {"thread": f"{world.thread}?page=1", "é": "/search?q=%C3%A9t%C3%A9"}.get(page, page)
    client, answer = asked(world, url)

    back = sign_in(client, "ray", at=answer.location)

    assert back.location == url
    assert client.get(back.location).status_code in {200, 303}


def test_a_wrong_password_keeps_the_way_back(world):
    client, answer = asked(world, world.thread)
    wrong = sign_in(client, "ray", "not mine at all", at=answer.location)

    assert sign_in(client, "ray", at=wrong).location == world.thread


@pytest.mark.proof("E1")
def test_the_way_back_does_not_reveal_pages(world):
    """Fails when the URL map is asked, or lengths differ, before sign-in."""
    urls = (world.thread, ABSENT, "/no/such/page", "/account", "/a?" + "b" * ADDRESS_MAX)
    answers = [asked(world, url)[1] for url in urls]

    assert len({len(each.location) for each in answers}) == 1
    assert len({each.text.replace(each.location, "") for each in answers}) == 1
    assert {each.status_code for each in answers} == {303}


@pytest.mark.parametrize("url", ["/no/such/page", "/sign-out", "/a?" + "b" * 2_000, "//account"])
def test_no_page_leads_home(world, url):
    client, answer = asked(world, url[:1_900])

    assert sign_in(client, "ray", at=answer.location).location == "/"


@pytest.mark.parametrize(
    "target",
    [
        *(" //evil.example/account", " https://evil.example/", " /\\evil.example", " account"),
        *(" \\\\evil.example", " /%2F/evil.example", "", " ", " /\t/evil.example"),
    ],
)
def test_a_way_back_is_a_path_of_ours(world, target):
    client = world.client()
    page = client.get("/sign-in", query_string={"next": sealed(world, target)})

    assert sign_in(client, "ray", at=page).location == "/"


def test_every_requested_address_stays_on_this_host(world):
    @settings(deadline=None, max_examples=300)
    @given(st.text(alphabet="/\\%2Fa:@?#.\té", max_size=12), st.binary(max_size=8))
    def holds(path, query):
        with world.app.test_request_context() as context:
            context.request.path, context.request.query_string = "/" + path, query
            back = resubmission.way_back(resubmission.here())
            assert back is None or (back[0] == "/" and back[1:2] not in {"/", "\\"})
            assert back is None or (back.isascii() and back.isprintable())

    holds()


def test_the_next_person_is_not_led_to_a_page_of_the_last(world):
    client = world.client("fay")
    world.moment += timedelta(days=31)
    answer = client.get(world.thread)

    assert sign_in(client, "ray", at=answer.location).location == "/"


def test_the_link_of_a_new_address_leads_back(world):
    with PostOffice() as office:
        office.serves(world)
        change_address(world.client("ray"))
        deliver(world)
        link = LINK.search(office.letters[0].get_content())[1]
    client, answer = asked(world, link)
    assert goes_in(world, "ray@example.org", PASSWORD)
    back = sign_in(client, "ray", at=answer.location)

    assert back.location == link
    assert ELSEWHERE in client.get(link).text
    assert submit(client, link).location == "/account"
    assert is_in(client)
    assert goes_in(world, ELSEWHERE, PASSWORD)
