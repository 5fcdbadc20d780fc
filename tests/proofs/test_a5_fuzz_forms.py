"""A5. Whatever is sent to whatever address: a plain answer, and never a failure of ours."""

import os
import re

import pytest

from tests.circles import ways
from tests.page import Page
from tests.routes import LAST, knock

FULL = bool(os.environ.get("PROOF"))
NAMED = re.compile(r'name="([a-z_0-9-]+)"')
LATIN = "caf\xe9".encode("latin-1")
HOSTILE = {
    "nothing": "",
    "blank": " \t\r\n ",
    "a number too large": str(2**63),
    "a number larger than any float": "9" * 400,
    "a negative number": "-1",
    "NUL": "a\0b",
    "half a pair": "\ud800".encode("utf-8", "surrogatepass"),
    "no UTF-8": LATIN,
    "long": "x" * 2_500,
    "controls and directions": "\x07\u202e\u2066\u200b\ufeff\U000e0041",
    "markup": "<script>alert(1)</script>{{ 7*7 }}",
    "a path": "../../../etc/passwd",
    "an address elsewhere": "https://evil.example/",
    "SQL": "' OR 1=1; --",
    "format": "%s%(x)s{0}",
    "a date that never was": "2026-02-30",
    "letters that look like others": "\u0440\u0430\u0443\u04cf",
}


ENDS = LAST | {"circles.step_down"}  # which take no fields, and after which little is left to try


_names = []  # found once: every world's pages have the same


@pytest.fixture
def names(world, routes):
    """The names of all fields that any page shows to a moderator, or to whoever wrote."""
    _names[:] = _names or _shown(world, routes)
    return _names


def _shown(world, routes):
    pages = [
        world.client(who).get(url, follow_redirects=True).text
        for who in ("mo", "ray")
        for endpoint, method, url in routes
        if method == "GET" and endpoint != "static"
    ]
    found = {name for page in pages for name in NAMED.findall(page)}
    return sorted(found - {"csrf_token", "viewport", "color-scheme", "format-detection"})


@pytest.mark.parametrize("who", ["mo", "ray", "lee", None])
def test_fuzz_forms(world, routes, names, who):
    """Fails when what is no id, or no number, is not looked for in what was sent."""
    failed, met = [], set()
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    writes = [(endpoint, url) for endpoint, method, url in routes if method == "POST"]
    for what, value in HOSTILE.items():
        client, fields = _with_fields(world, who, names, value)
        last = what == [*HOSTILE][-1]
        tries = [way for way in writes if last or way[0] not in ENDS]
        for endpoint, url in sorted(tries, key=lambda way: way[0] in ENDS):
            answer = client.post(url, data=fields)
            if answer.status_code == 401 and who:  # an act before ended the session
                client, fields = _with_fields(world, who, names, value)
                answer = client.post(url, data=fields)
            failed += [(endpoint, what)] if answer.status_code >= 500 else []
            met |= {endpoint} if answer.status_code in {200, 303, 422} else set()

    assert len(writes) > 40
    assert not failed
    assert len(met) > {"mo": 35, "ray": 35}.get(who, 0), met  # went as far as a form


def _with_fields(world, who, names, value):
    """A browser, and all fields with one value beside the tokens of its page."""
    client = world.client(who)
    return client, dict.fromkeys(names, value) | client.tokens("/account" if who else "/sign-in")


STOCK = re.compile(  # what WTForms says by itself
    r"choice for this field|valid choice|could not (be )?coerce|field is required|[Ii]nvalid"
)


@pytest.mark.parametrize("who", ["mo", "lee", None])
@pytest.mark.parametrize("value", ["' OR 1=1; --", ""])
def test_what_cannot_be_is_refused_in_words_of_ours(world, routes, names, who, value):
    """Also where a program sends what no page of ours offers.

    Fails when a form says what WTForms says by itself.
    """
    way = {"token": ways.link(world).rsplit("/", 1)[1]}
    refused, stock = set(), []
    for endpoint, method, url in routes:
        if method == "POST" and endpoint not in ENDS:
            client = world.client(who)
            tokens = client.tokens("/account/password" if who else "/sign-in")
            fields = dict.fromkeys([*names, "act", "affirmed", "mode", "notes"], value)
            answer = client.post(url, data=fields | tokens | way)
            refused |= {endpoint} if answer.status_code == 422 else set()
            if answer.mimetype == "text/html":
                stock += [(endpoint, *found) for found in STOCK.findall(plain(answer.text))]

    assert len(refused) >= {"mo": 10, "lee": 3, None: 2}[who], refused
    assert not stock


def plain(page):
    """The words of a page, without its tags: `aria-invalid` is no word."""
    return Page(page).text


PARTS = ["%ff%fe", "%00", "x" * 300, "..", "0", "-1", "²", "{}", "%E2%80%AE"]
VALUES = [str(2**63), "%ff", "-1", "0", "a", "%00", "x" * 1500]


@pytest.mark.parametrize("part", PARTS if FULL else PARTS[:4])
def test_no_address_fails_whatever_stands_in_it(world, routes, part):
    client = world.client("mo")
    for url in {url for _, _, url in routes}:
        pieces = url.split("/")
        for place in range(1, len(pieces)):
            bent = "/".join([*pieces[:place], part, *pieces[place + 1 :]])
            assert client.get(bent).status_code < 500, bent


@pytest.mark.parametrize("value", VALUES if FULL else VALUES[:3])
def test_no_address_fails_whatever_is_asked_after_it(world, routes, value):
    """Fails when the number of a page is read without looking whether it is one."""
    client = world.client("mo")
    for _, method, url in routes:
        if method == "GET":
            for name in ("page", "q", "quote", "sort", "circle"):
                assert client.get(f"{url}?{name}={value}").status_code < 500, (url, name)


CANARY = "kestrelcanary"


@pytest.mark.leaks
@pytest.mark.proof("A5")
def test_no_page_repeats_words_of_its_address(world, routes):
    """Fails when a page shows words that came by its address: beside a name or an address, in a
    compressed answer, their length tells whether they are on it (CVE-2013-3587)."""
    client = world.client("mo")
    names = ("next", "q", "page", "sort", "circle", "show", "year", "topic", "without", "order")
    asked = "&".join(f"{name}={CANARY * 30}" for name in names)
    for who in (client, world.client()):
        for _, method, url in routes:
            if method == "GET":
                for words in (asked, f"q={CANARY}&circle={CANARY}", f"next={CANARY}"):
                    answer = who.get(f"{url}?{words}")
                    text = "" if answer.status_code == 303 else answer.text
                    assert CANARY not in text, url


def test_what_is_too_large_is_refused_in_one_plain_sentence(world):
    client = world.client("ray")

    large = client.post(f"{world.thread}/answer/x", data={"body": "x" * 3_000_000})
    long = client.get("/" + "x" * 3000)

    assert (large.status_code, long.status_code) == (413, 414)
    for answer in (large, long):
        assert answer.text.count("<h1") == 1


def test_a_method_that_no_page_has_is_refused(world, routes):
    client = world.client("ray")

    for _, _, url in routes:
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            assert knock(client, method, url).status_code in (303, 404, 405)


@pytest.mark.parametrize("blank", ["", " \t\r\n "])
def test_blanks_where_one_may_choose_are_no_choice_and_no_failure(world, blank):
    client = world.client("ray")
    fields = client.tokens("/account") | {"follows": blank, "note": "", "saved": "y"}

    assert client.post(f"{world.thread}/keep", data=fields).status_code == 303
    assert "Torn between two" in client.get("/saved").text
    assert client.answer(world.thread, body="x", kind=blank, do="save").status_code == 303
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    told = {"template": "free", "title": "x", "field_story": "x", "mode": blank, "do": "save"}
    assert client.post(composer, data=client.tokens(composer) | told).status_code == 303
