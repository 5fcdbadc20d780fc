from base64 import urlsafe_b64decode
from uuid import uuid4

import pytest

from forum.circles.queries import circle
from forum.circles.services import join, leave
from forum.core.db import unit_of_work
from forum.search.query_parser import KINDS, QUERY_BYTES, QUERY_MAX, WORDS_MAX
from tests.page import Page


def test_search_tips_name_every_kind(world):
    tips = Page(world.client("ray").get("/search")).all("li")
    line = next(each.text for each in tips if "kind:" in each.text)

    assert {kind for kind in KINDS if kind in line} == KINDS.keys()


def test_words_of_members_are_shown_as_typed(world):
    world.reply("ray", "kestrel <b>bold</b> & dose<b and c>d")

    page = world.client("mo").search("kestrel").text

    assert "<mark>kestrel</mark> &lt;b&gt;bold&lt;/b&gt; &amp; dose&lt;b and c&gt;d" in page


def test_no_words_stand_in_a_url_and_only_the_session_that_asked_can_open_it(world):
    world.reply("ray", "A kestrel over the road")
    mo, fay = world.client("mo"), world.client("fay")
    sent, typed = mo.submit("/search", words="kestrel"), mo.get("/search?q=kestrel")

    for answer in (sent, typed):
        assert answer.status_code == 303
        assert b"kestrel" not in urlsafe_b64decode(answer.location.rsplit("/")[-1])
        assert all("<mark>kestrel</mark>" in mo.get(answer.location).text for _ in range(2))
        assert fay.get(answer.location).location == "/search"
    mo.submit("/sign-out")
    assert mo.get(sent.location).location.partition("?")[0] == "/sign-in"


def test_one_circle_may_be_chosen(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    world.present("nan", "Ours", "A kestrel next door", circle="oak")
    world.reply("fay", "A kestrel over the road")
    ray = world.client("ray")

    only = ray.submit("/search", words="kestrel", circle=str(world.ids["oak"])).location

    page = ray.get(only).text
    assert ("next door" in page, "over the road" in page) == (True, False)


@pytest.mark.parametrize("where", ["next door", "nowhere", "no id"])
def test_another_circle_cannot_be_chosen(world, where):
    wrong = {"next door": str(world.ids["oak"]), "nowhere": str(uuid4()), "no id": "'--"}[where]
    mo = world.client("mo")

    sent = mo.submit("/search", words="kestrel", circle=wrong)
    typed = mo.get(f"/search?q=kestrel&circle={wrong}")

    assert (sent.status_code, typed.status_code) == (404, 404)


def test_a_circle_one_left_is_searched_no_more(world):
    world.reply("fay", "A kestrel over the road")
    ray = world.client("ray")
    rose = str(world.ids["rose"])
    one, every = (ray.submit("/search", words="kestrel", circle=c).location for c in (rose, ""))
    assert "over the road" in ray.get(every).text
    with world.app.app_context(), unit_of_work():
        leave(world.ids["ray"], world.ids["rose"])

    assert ray.get(one).status_code == 404
    assert "over the road" not in ray.get(every).text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "Enter a word to search for."),
        (" \t", "Enter a word to search for."),
        ("w" * (QUERY_MAX + 1), "A search has at most 1000 characters; this one has 1001."),
    ],
)
def test_what_cannot_be_asked_is_said_and_kept(world, words, message):
    mo = world.client("mo")
    sent = mo.submit("/search", words=words)
    typed = mo.get("/search", query_string={"q": words})

    for answer in (sent, typed):
        assert answer.status_code == 422
        assert message in answer.text
    assert f'value="{words.strip()}"' in sent.text
    assert Page(typed).field("words")["value"] == ""  # the address has them


def test_what_would_not_fit_a_url_once_sealed_is_said_and_kept(world):
    words = "\U0001f426" * (QUERY_BYTES // 4 + 1)

    answer = world.client("mo").submit("/search", words=words)

    assert answer.status_code == 422
    assert "That search is too long." in answer.text
    assert f'value="{words}"' in answer.text


@pytest.mark.parametrize("words", ["w" * QUERY_MAX, "\u4e2d" * 666, '"' * QUERY_MAX])
def test_the_longest_query_fits(world, words):
    mo = world.client("mo")

    sent = mo.submit("/search", words=words)

    assert len(sent.location) < 4000
    assert mo.get(sent.location).status_code == 200


def test_the_page_says_what_it_understood(world):
    page = world.client("mo").search('lithium "hard morning" -heron').text

    for part in ("lithium", "“hard morning”", "without “heron”"):
        assert f'aria-label="Remove {part}"' in page
    assert "We searched for the first" not in page


def test_more_words_than_count_are_said(world):
    page = world.client("mo").search(" ".join(f"w{n}" for n in range(WORDS_MAX + 1))).text

    assert "We searched for the first 32 words and 6 phrases" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nowhere", "Check the spelling"),
        ('"no where"', "Try it without the quotes"),
        ("-kestrel", "There is nothing to search for in that."),
    ],
)
def test_finding_nothing_says_what_may_help(world, words, message):
    assert message in world.client("mo").search(words).text


def test_who_is_in_no_circle_yet_is_told(world):
    assert "You are not in a circle yet." in world.client("sol").get("/search").text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("page=1", 200),
        ("page=1000", 200),
        ("page=1001", 404),
        ("page=0", 404),
        ("page=-1", 404),
        ("page=x", 404),
        ("page=" + "9" * 5000, 404),
        ("sort=newest", 200),
        ("sort=x&page=2&other=1", 200),
    ],
)
def test_the_address_of_a_page_may_say_anything(world, arguments, status):
    mo = world.client("mo")
    location = mo.submit("/search", words="hard").location

    assert mo.get(f"{location}?{arguments}").status_code == status


@pytest.mark.parametrize("token", ["x", "a" * 400, "%00", "\u4e2d", "=" * 8])
def test_a_token_that_is_not_ours_leads_back_to_the_empty_page(world, token):
    assert world.client("mo").get(f"/search/{token}").location == "/search"


def test_pages_and_orders_keep_the_query(world):
    for number in range(21):
        world.reply("ray", f"A kestrel, number n{number}")
    mo = world.client("mo")
    location = mo.submit("/search", words="kestrel").location

    first, last = mo.get(location).text, mo.get(f"{location}?sort=newest&page=2").text

    assert f'href="{location}?sort=best&amp;page=2"' in first
    assert first.count('<li class="hit">') == 20
    assert f'href="{location}?sort=newest&amp;page=1"' in last
    assert last.count('<li class="hit">') == 1


def test_a_stale_page_costs_nobody_their_words(world):
    mo = world.client("mo")

    answer = mo.post("/search", data={"words": "kestrel", "csrf_token": "stale"})

    assert answer.status_code == 422
    assert 'value="kestrel"' in answer.text


def test_the_programme_lead_finds_no_search(world):
    lee = world.client("lee")

    assert [lee.get(url).status_code for url in ("/search", "/search?q=a", "/search/x")] == [
        404
    ] * 3


def test_the_page_begins_with_a_box_and_filters_to_tap(world):
    world.reply("ray", "A kestrel over the road")
    world.client("mo").get(world.thread)
    world.reply("fay", "A kestrel once more")
    client = world.client("mo")

    shown = Page(client.get("/search"))
    labels = [each.text for each in shown.one("div", cls="chips").all("label")]
    assert labels == ["Unread", "No reply yet", "Mine", "Questions", "Experiences"]
    assert "is:unread" in shown.one("details", cls="search-help").text
    found = client.get(client.submit("/search", words="kestrel", only="is:unread").location).text
    assert ("once more" in found, "over the road" in found) == (True, False)
    only = client.submit("/search", words="", only="is:unread").location
    assert "once more" in client.get(only).text
    assert client.submit("/search", words="").status_code == 422
    assert client.submit("/search", words="kestrel", only="is:secret").status_code == 422


def test_few_circles_are_tapped_too(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")

    choices = Page(world.client("ray").get("/search")).all("input", type="radio", name="circle")

    assert [each["value"] for each in choices] == [
        "",
        str(world.ids["oak"]),
        str(world.ids["rose"]),
    ]
    assert [each["value"] for each in choices if "checked" in each.attributes] == [""]
