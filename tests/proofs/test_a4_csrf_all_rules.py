"""A4. No write is done for a page that is not ours, and no GET changes anything."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.web.request_guards import WRITES

READ_MARKS = "read_mark"  # the one table in which a GET may write: the reader's own
LINK = re.compile(r'href="(/[^"#]*)')
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
]
NOT_OURS = [
    *FOREIGN,
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "null"},
    {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
]
OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
]


def dump(world):
    """All rows of all tables, and apart from them those of read marks."""
    with world.app.app_context():
        rows = {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in db.metadata.sorted_tables
        }
    marks = rows.pop(READ_MARKS)
    return rows, marks


def writes(routes):
    return [(e, method, url) for e, method, url in routes if method in WRITES]


@pytest.mark.parametrize("token", [None, "", "old", "another's"])
def test_csrf_all_rules(world, routes, token):
    """Fails when a view asks for no token, or when a token is not bound to its session."""
    client, other = world.client("mo"), world.client("nan")
    fields = {} if token is None else {"csrf_token": token}
    if token == "another's":
        fields = {"csrf_token": other.tokens("/account")["csrf_token"]}
    before = dump(world)

    for endpoint, method, url in writes(routes):
        answer = client.open(url, method=method, data=fields)
        assert answer.status_code < 500, endpoint
        if not hasattr(world.app.view_functions[endpoint], "keeps_text"):  # gives words back
            assert answer.status_code in (400, 404), endpoint
    assert dump(world) == before


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: "+".join(headers.values()))
def test_no_write_is_done_for_another_site_even_with_our_token(world, routes, headers):
    """Fails when it is not looked at where a request comes from."""
    client = world.client("mo")
    fields = client.tokens("/account")
    before = dump(world)

    for endpoint, method, url in writes(routes):
        answer = client.open(url, method=method, data=fields, headers=headers)
        assert answer.status_code == 400, endpoint
    assert dump(world) == before


@pytest.mark.parametrize("headers", NOT_OURS, ids=lambda headers: "+".join(headers.values()))
def test_pages_of_others_are_not_heard(world, headers):
    """Fails for the same reason."""
    client = world.client("ray")
    fields = client.tokens("/account") | {"timezone": "Australia/Adelaide"}

    assert client.post("/account/timezone", data=fields, headers=headers).status_code == 400
    assert "Adelaide (Australia)" not in client.get("/account").text


@pytest.mark.parametrize("headers", OURS, ids=lambda headers: "+".join(headers.values()))
def test_pages_of_ours_are_heard(world, headers):
    client = world.client("ray")
    fields = client.tokens("/account") | {"timezone": "Australia/Adelaide"}

    assert client.post("/account/timezone", data=fields, headers=headers).status_code == 303
    assert "Adelaide (Australia)" in client.get("/account").text


def test_behind_a_proxy_the_configured_address_is_ours_too(world):
    world.app.config["SITE_URL"] = "https://forum.example"
    client = world.client("ray")
    fields = client.tokens("/account") | {"timezone": "Australia/Adelaide"}
    headers = {"Origin": "https://forum.example"}

    assert client.post("/account/timezone", data=fields, headers=headers).status_code == 303


@pytest.mark.parametrize("who", ["ray", "mo", "lee", None])
def test_get_is_safe(world, routes, who, figure):
    """Fails when a composer keeps a draft as it opens, or when who reads takes another's mark."""
    world.client("pru").get(world.thread)
    client = world.client(who)
    found = client.submit("/search", words="torn").location or "/search"
    (before, marks), seen = dump(world), set()

    doors = {url for _, method, url in routes if method == "GET"}
    further = looked_at(client, doors | {found}, seen)
    further |= looked_at(client, further, seen)
    looked_at(client, further, seen)

    after, marks_after = dump(world)
    assert after == before
    assert {*marks} <= {*marks_after}
    assert (len(marks_after) > len(marks)) is (who in {"ray", "mo"})
    figure(f"{len(seen)} addresses looked at")


def looked_at(client, urls, seen):
    """Where these pages lead, each looked at once; with all that is drawn as they are shown."""
    answers = [client.get(url) for url in sorted(urls - seen)]
    seen |= urls
    pages = [answer.text for answer in answers if answer.mimetype == "text/html"]
    links = {unescape(link) for page in pages for link in LINK.findall(page)}
    return links | {answer.location for answer in answers if answer.location}
