"""Faults that people reported of other forums and libraries, each tried here.

`docs/reviews/2026-11.md` and `docs/reviews/2026-12.md` name the report of each.
"""

import re
from datetime import date, timedelta
from io import BytesIO
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest

from forum import markup
from forum.accounts import passwords
from forum.authors.services import choose_pseudonym
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions import post_queries, posts
from forum.discussions.composer import Quoted
from forum.mail import headers
from forum.notifications import calendars
from forum.offboarding.sheets import sheet
from forum.search.days import days
from tests.accounts.second_factors import sign_in_with, with_app
from tests.notifications.post import arrived, ring
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import MORNING

DAY = timedelta(days=1)
ESCAPE = re.compile("_x([0-9A-F]{4})_")  # of a sheet. Source: ST_Xstring of ECMA-376


def withdraw(world, who, post_id):
    with world.app.app_context():
        standing = world.standing(who)
        post = post_queries.any_post(standing, post_id)
        with unit_of_work():
            posts.withdraw(standing, post)


def found(world, words, who="mo"):
    """Texts of what a search finds."""
    return [each.text for each in Page(world.client(who).search(words)).all("li", cls="hit")]


# Forums


def test_a_quote_goes_with_the_quoted_post(world):
    told = world.reply("ray", "The kestrel kept me awake.")
    quoted = Quoted(told, "The kestrel kept me awake.")
    world.reply("fay", "Me too.", quoted=quoted)
    assert world.client("joe").get(world.thread).text.count("kestrel") == 2

    withdraw(world, "ray", told)

    assert "kestrel" not in world.client("joe").get(world.thread).text


def test_nobody_replies_to_a_withdrawn_story_by_its_address(world):
    composer = world.client("joe").get(f"{world.thread}/answer").location
    fields = world.client("joe").tokens(composer)
    withdraw(world, "pru", world.ids["thread"])

    sent = world.client("joe").post(composer, data=fields | {"body": "Late", "do": "own_name"})

    assert sent.status_code != 303 or "Late" not in world.client("ray").get(world.thread).text
    assert "Late" in sent.text


def test_a_withdrawn_post_has_no_address_and_no_hit(world):
    told = world.reply("ray", "A kestrel over the road")
    assert found(world, "kestrel")
    withdraw(world, "ray", told)

    page = world.client("joe").get(world.url("discussions.post", post_id=told))

    assert "kestrel" not in world.client("joe").get(page.location).text
    assert not found(world, "kestrel")
    assert not [hit for hit in found(world, 'by:"Dr Ray"') if "kestrel" in hit]


@pytest.mark.parametrize("page", ["0", "-4", "2222222222222222222222", "1e9", "٣"])
@pytest.mark.parametrize("path", ["", "?show=mine", "/your-words"])
def test_a_page_that_is_none_is_not_found(world, page, path):
    base = f"/circles/{world.ids['rose']}/"
    url = base.rstrip("/") + path if path.startswith("/") else base + path

    answer = world.client("ray").get(f"{url}{'&' if '?' in url else '?'}page={page}")

    assert answer.status_code in (200, 404)


@pytest.mark.parametrize(
    "name",
    [
        "Dr R\u0430y",
        "Dr  Ray",
        "Dr\u200bRay",
        "\u200b\u200b",
        "Dr Ray\u2060",
        "DR RAY",
        "\u202eyaR rD",
    ],
)
def test_a_name_that_looks_like_another_is_refused(world, name):
    with world.app.app_context(), pytest.raises(InvalidInput), unit_of_work():
        choose_pseudonym(world.standing("fay"), name)


def test_a_thread_sinks_again_with_its_last_reply(world):
    kit, circle = world.client("kit"), f"/circles/{world.ids['rose']}/"
    older = world.present("ray", "An older story", "Words")
    world.reply("fay", "Thank you", thread_id=older)
    world.moment += timedelta(hours=2)
    newer = world.present("joe", "A newer story", "Words")
    world.reply("fay", "Thank you", thread_id=newer)
    world.moment += timedelta(hours=2)
    told = world.reply("fay", "One more thing", thread_id=older)

    def listed():
        text = kit.get(circle).text
        return text.index("A newer story") < text.index("An older story")

    assert not listed()

    withdraw(world, "fay", told)

    assert listed()


def test_an_address_leads_to_its_post_after_withdrawals(world):
    """Page and anchor, although twenty posts before it went and the reader's next page began."""
    told = [world.reply("ray", f"Word {number}") for number in range(60)]
    for each in told[:20]:
        withdraw(world, "ray", each)

    led = world.client("kit").get(world.url("discussions.post", post_id=told[55])).location

    post = Page(world.client("kit").get(led)).one(id=led.partition("#")[2])
    assert "Word 55" in post.text


@pytest.mark.parametrize("turn", ["\u202e", "\u202b", "\u2067"])
def test_a_name_turns_no_other_words(world, turn):
    world.client("mo").submit("/account/name", name=f"Mo {turn}\u05d0\u05d1\u05d2")
    thread = world.present("mo", "Turned", "Words")
    page = Page(world.client("joe").get(f"/circles/{world.ids['rose']}/threads/{thread}"))

    shown = [each.raw for each in page.all("bdi") if "\u05d0" in each.raw]

    assert shown
    assert page.text.count("\u05d0") == sum(each.count("\u05d0") for each in shown)
    assert not any(
        "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" for sign in page.raw
    )


AHEAD = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
]


def unread(world, who="joe"):
    """Whether home names the thread as unread."""
    return "Torn between two" in Page(world.client(who).get("/")).one("main").text


@pytest.mark.parametrize("headers", AHEAD, ids=str)
def test_a_page_fetched_ahead_reads_nothing(world, headers):
    world.reply("ray", "A kestrel")

    ahead = world.client("joe").get(world.thread, headers=headers)

    assert ahead.status_code == 403  # so that the browser asks anew when its reader comes
    assert "kestrel" not in ahead.text
    assert "no-store" in ahead.headers["Cache-Control"]
    assert unread(world)
    assert "kestrel" in world.client("joe").get(world.thread).text
    assert not unread(world)


def test_a_request_for_headers_reads_nothing(world):
    world.client("joe").head(world.thread)

    assert unread(world)


# Emails


@pytest.mark.parametrize("month", [3, 10], ids=["spring", "autumn"])
def test_a_digest_comes_once_a_day_where_the_clock_changes(world, month):
    """In British time, on the days before, of and after the change, at the same local hour."""
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        world.moment = MORNING.replace(month=month, day={3: 27, 10: 23}[month], hour=0)
        ring(world)
        hours = []
        for step in range(4 * 24 * 4):
            if step % 96 == 0:
                world.reply("ray", f"Words {step}")
            world.moment += timedelta(minutes=15)
            ring(world)
            ring(world)  # twice at one moment sends nothing twice
            if "ivy" in (came := arrived(world, office)):
                hours.append(world.moment.astimezone(zone(world)).hour)
                assert came.count("ivy") == 1
            if step % 96 == 48:
                world.client("ivy").get(world.thread)

    assert len(hours) == 4
    assert len(set(hours)) == 1


def zone(world):
    with world.app.app_context():
        return post_queries.circle(world.standing("ivy")).zone


def test_a_name_adds_no_line_to_an_email(world):
    mo = world.client("mo")
    mo.submit("/account/name", name="Mo\r\nBcc: all@example.net")
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        mo.submit(
            f"/circles/{world.ids['rose']}/invite",
            addresses="ana@example.org",
            names_inviter="y",
            by="mail",
        )
        ring(world)

    [letter] = [each for each in office.letters if each["To"] == "ana@example.org"]
    assert letter["Bcc"] is None
    assert "Mo Bcc: all@example.net" in letter.get_body().get_content()


@pytest.mark.parametrize(
    "words",
    [
        "actualités digitales 20 semaines d\u2019abonnement à 24 heures, Tribune de Genève",
        "é " * 60,
        "👩‍⚕️" * 20,
    ],
)
def test_encoded_words_stand_apart(words):
    header = headers.unstructured(words)

    assert all(each.isascii() and len(each) <= 75 for each in header.split())
    assert all(re.fullmatch(r"=\?utf-8\?b\?[\w+/=]+\?=", each) for each in header.split())


@pytest.mark.parametrize(
    "address", ["jörg@example.org", "ana@bücher.example", "\u017fol@example.org"]
)
def test_an_address_beyond_ascii_is_refused_at_once(world, address):
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")

        sent = world.client("mo").submit(
            f"/circles/{world.ids['rose']}/invite",
            addresses=f"ana@example.org, {address}",
            by="mail",
        )
        ring(world)

    assert sent.status_code == 422
    assert address in Page(sent).error("addresses")
    assert not office.letters


@pytest.mark.parametrize(
    ("typed", "reached"),
    [
        ("SOL@example.org", True),
        (" sol@EXAMPLE.org ", True),
        ("\u017fol@example.org", False),  # a long s, whose capital is S
        ("sol@ex\u0430mple.org", False),  # a Cyrillic a
        ("sol@example\u3002org", False),
        ("sol@example.org, eve@example.net", False),
        ("sol@example.org\r\nBcc: eve@example.net", False),
    ],
)
def test_a_reset_goes_to_the_stored_address_alone(world, typed, reached):
    client, page = world.client(), "/password/forgotten"
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")

        client.post(page, data=client.tokens(page) | {"email": typed})
        ring(world)

    to = [each.rcpt_tos for each in office.envelopes]
    assert to == ([["sol@example.org"]] if reached else [])


# Texts


@pytest.mark.parametrize(
    ("typed", "numbers"), [("3. One\n4. Two", ["3", "4"]), ("7. Seven\n9. Nine", ["7", "9"])]
)
def test_a_list_keeps_its_numbers(typed, numbers):
    shown = Page(f"<main>{markup.render(typed)}</main>")

    assert [each["value"] for each in shown.all("li")] == numbers


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("She has an M.Sc. in pharmacy.", []),
        ("Read [https://www.example.org/].", ["https://www.example.org/"]),
        ("See (https://example.org/a.html).", ["https://example.org/a.html"]),
        ("I like it.It makes me happy.", []),
        ("See https://example.org/x/, or not", ["https://example.org/x/"]),
    ],
)
def test_a_link_holds_the_address_alone(typed, links):
    shown = Page(f"<main>{markup.render(typed)}</main>")

    assert [each["href"] for each in shown.all("a")] == links


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("https://example.org/wiki/Crohn's_disease", ["https://example.org/wiki/Crohn's_disease"]),
        ("[Crohn](https://example.org/Crohn's)", ["https://example.org/Crohn's"]),
        ("https://example.org/?q=o'neill&page=2.", ["https://example.org/?q=o'neill&page=2"]),
        ("Go to 'https://example.org/news'.", ["https://example.org/news"]),
        ("'See https://example.org/news/', she said", ["https://example.org/news/"]),
        ("**'https://example.org/news'**", ["https://example.org/news"]),
        ("https://example.org's page", ["https://example.org"]),
        ("https://example.org/wiki/(Crohn's)", ["https://example.org/wiki/(Crohn's)"]),
        ("Read \u2018https://example.org/news\u2019.", ["https://example.org/news"]),
    ],
)
def test_an_apostrophe_belongs_to_an_address(typed, links):
    shown = Page(f"<main>{markup.render(typed)}</main>")

    assert [each["href"] for each in shown.all("a")] == links


@pytest.mark.parametrize("marks", [">- ", "- > ", "> 1. ", ">", "- ", "1. "])
@pytest.mark.parametrize("in_one_line", [True, False])
def test_quotes_and_lists_nest_without_end(marks, in_one_line):
    depth = 300
    lines = [marks * depth + "item"] if in_one_line else [marks * n + "item" for n in range(depth)]

    shown = markup.render("\n".join(lines))

    assert "item" in shown


BLANKS = [
    "\u2800",  # an empty cell of Braille
    "\u3164 \u115f\uffa0",  # fillers of Hangul
    "\u200e\u200f",  # marks of direction
    "\u00ad\n\u034f",  # a soft hyphen, a joiner of graphemes
    "\ufe0f",  # a variation selector with nothing before it
    "\u2063\u180e",
]


@pytest.mark.parametrize("typed", BLANKS)
def test_a_reply_that_shows_nothing_is_none(world, typed):
    sent = world.client("ray").answer(world.thread, body=typed, do="own_name")

    assert sent.status_code == 422
    assert Page(sent).error("body") == "Write something first."


@pytest.mark.parametrize("title", BLANKS)
def test_a_title_that_shows_nothing_is_none(world, title):
    ray = world.client("ray")
    composer = ray.get(f"/circles/{world.ids['rose']}/write").location
    first = ray.tokens(composer) | {"field_story": "Torn.", "wish": "hear_me_out", "do": ""}
    composer = ray.post(composer, data=first | {"to": "dilemma"}).location
    told = first | {"template": "dilemma", "field_dilemma": "Torn.", "mode": "own_name"}

    sent = ray.post(composer, data=told | ray.tokens(composer) | {"title": title, "do": "look"})

    assert sent.status_code == 422
    assert "Add a title" in Page(sent).error("title")


@pytest.mark.parametrize("typed", ["👩‍⚕️", "\u2801", "ㅎ", "?", "\u0301", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])
def test_a_reply_of_one_sign_is_posted(world, typed):
    sent = world.client("ray").answer(world.thread, body=typed, do="own_name")

    assert sent.status_code == 303


# Searches


@pytest.mark.parametrize("words", ["pneumoni", "new", "the and of", "*", '"', "a*", "ﬁbrosis"])
def test_a_search_for_part_of_a_word_is_answered(world, words):
    world.reply("ray", "A new pneumonia, and fibrosis.")

    assert world.client("mo").search(words).status_code == 200


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Les événements de mardi", "evenements"),
        ("fever\uff0ccough", "cough"),
        ("tired\u00a0out", "tired"),
        ("naïve", "nai\u0308ve"),
        ("👩‍⚕️ kestrel", "kestrel"),
    ],
)
def test_a_word_is_found_whatever_stands_beside_it(world, typed, asked):
    world.reply("ray", typed)

    assert found(world, asked)


@pytest.mark.parametrize(
    ("typed", "asked", "marked"),
    [
        ("İİİİ and then İrfan came", "came", "came"),
        ("In İstanbul we met", "istanbul", "İstanbul"),
        ("ﬁve times ﬁbrosis", "fibrosis", "ﬁbrosis"),
        ("ßßß Straße", "strasse", "Straße"),
        ("e\u0301e\u0301 éclair", "eclair", "éclair"),
    ],
)
def test_a_mark_stands_where_the_word_is(world, typed, asked, marked):
    world.reply("ray", typed)

    shown = Page(world.client("mo").search(asked))

    assert marked in [each.text for each in shown.all("mark")]


@pytest.mark.parametrize(
    ("today", "meant"),
    [
        ("2026-03-01", "2024-02-29"),
        ("2028-02-28", "2024-02-29"),
        ("2028-02-29", "2028-02-29"),
        ("2101-01-01", "2096-02-29"),
        ("2104-02-01", "2096-02-29"),
    ],
)
@pytest.mark.parametrize("typed", ["29 feb", "29th of February"])
def test_a_leap_day_without_a_year_is_the_latest(typed, today, meant):
    first, after = days(typed, date.fromisoformat(today))

    assert first == date.fromisoformat(meant)
    assert after == first + DAY


@pytest.mark.parametrize("typed", ["30 feb", "31 april", "0 jan", "32 dec"])
def test_a_day_of_no_year_is_none(typed):
    assert days(typed, date(2026, 3, 1)) is None


# Passwords, calendars and dates


@pytest.mark.parametrize("typed", ["café au lait, long ago", "cafe\u0301 au lait, long ago"])
def test_a_password_is_the_same_however_its_accent_is_typed(world, typed):
    with world.app.app_context():
        kept = passwords.hashed("café au lait, long ago")

        assert passwords.matches(kept, typed)


def test_a_calendar_folds_between_characters(world):
    world.app.config["SITE_NAME"] = "0123456789" * 6 + "☎️📞👩‍⚕️" * 6
    with world.app.test_request_context():
        told = [(MORNING + n * DAY).date() for n in range(3)]
        sent = calendars.news_calendar(told)

    lines = sent.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() is not None for line in lines)


def test_the_last_days_of_a_year_belong_to_it(world):
    world.moment = MORNING.replace(year=2029, month=12, day=31)
    world.reply("ray", "Between the years")
    world.moment = MORNING.replace(year=2030, month=6, day=1)

    said = Page(world.client("fay").get(world.thread)).one("main").text

    assert "31 December 2029" in said.replace("\u00a0", " ")
    assert "2030" not in said


@pytest.mark.parametrize(
    "typed", ["●●●●●●", "\uff11\uff12\uff13", "", "\u0660" * 6, "😀" * 6, "9" * 70_000]
)
def test_digits_that_are_none_are_refused(world, typed):
    with_app(world)

    answer = sign_in_with(world.client(), "ray", typed)

    assert answer.status_code in (413, 422)


def test_digits_that_added_an_app_are_used(world):
    app, _codes = with_app(world)

    assert sign_in_with(world.client(), "ray", app.digits()).status_code == 422

    world.moment += timedelta(minutes=2)
    assert sign_in_with(world.client(), "ray", app.digits()).status_code == 303


ZONES = [
    *("http://example.org", "../../etc/passwd", "/etc/localtime", "a" * 300, "Europe/\0London"),
    *("Europe", "leapseconds", "__init__.py", "zone.tab", "Éurope/Paris", "Europe/London "),
]


@pytest.mark.parametrize("name", ZONES, ids=ascii)
@pytest.mark.parametrize("page", ["/account/timezone", "/circles/{rose}/settings/timezone"])
def test_an_unknown_time_zone_is_refused_in_words(world, name, page):
    mo, page = world.client("mo"), page.format(**world.ids)

    sent = mo.post(page, data=mo.tokens(page) | {"timezone": name})

    assert sent.status_code == 422
    assert mo.get(world.thread).status_code == 200


# Tables


CELLS = [
    "https://example.org/" + "a" * 2100,  # longer than a link may be
    "http://example.org, http://example.com",
    "_x0041_ and _x000D_",  # as a sheet writes characters that XML has none for
    "a\x0bb\x02c\x1bd\ufffe",
    "=1+1",
    "  blanks at both ends  ",
]


def parsed(book, name):
    return fromstring(book.read(name))  # noqa: S314  # of our own making


@pytest.mark.parametrize("words", CELLS, ids=ascii)
def test_a_cell_holds_a_text_to_the_letter(words):
    post = {"on": "2026-03-02", "kind": "reply", "written_as": "Ray", "body": words, "details": []}
    circle = {"name": "Rose", "posts": [post], "drafts": [], "notes": [words]}

    with ZipFile(BytesIO(sheet([circle], date(2026, 3, 2)))) as book:
        texts = ["".join(each.itertext()) for each in parsed(book, "xl/sharedStrings.xml")]
        page = book.read("xl/worksheets/sheet1.xml")

    assert words in [ESCAPE.sub(lambda found: chr(int(found[1], 16)), each) for each in texts]
    assert b"hyperlink" not in page
    assert b"<f>" not in page


# Numbers


@pytest.mark.parametrize("typed", ["9" * 400, "-" + "9" * 400, "9" * 5000, "601", "1e3", "NaN"])
def test_a_number_out_of_all_bounds_comes_back(world, typed):
    sent = world.client("ray").submit("/learning/new", learned="To listen", minutes=typed)

    assert sent.status_code == 422
    assert "0 to 600" in Page(sent).error("minutes")
    assert Page(sent).field("learned").value == "To listen"
